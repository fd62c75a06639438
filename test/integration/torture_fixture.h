// What the fault tests share: dictd under a crowd, and the count of what it kept.
//
// Short by default, so that they can be run with all other tests; long with TORTURE=long in the environment (`make
// torture`), then each also adds its line to build/torture/report.txt.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "test/integration/dictd_fixture.h"
#include "test/integration/torture_crowd.h"
#include "test/support/fault.h"

namespace integration {

class TortureTest : public OwnMariadbTest {
 protected:
  TortureTest();
  void TearDown() override;  // tells what dictd said, when something went wrong

  // How often, or how much: in a long run, and in a short one.
  [[nodiscard]] std::size_t times(std::size_t in_long, std::size_t in_short) const {
    return long_ ? in_long : in_short;
  }
  static std::size_t random_below(std::size_t bound);
  // For a fault that has to last; never to wait for something.
  static void let_pass(std::chrono::milliseconds time);

  // With faults_ ready to be armed, for what is below the state directory.
  void start_with_faults(const std::vector<std::string>& options = {});

  void begin(Crowd& crowd) const { crowd.begin({dictd_->port()}); }
  static void wait_for_answers(const Crowd& crowd, std::uint64_t more);
  static void wait_for_refusals(const Crowd& crowd, std::uint64_t more);
  // Everything looked up at this server so far is in the database.
  static void wait_for_drain(std::uint16_t port);

  // Again and again the database hangs until look-ups are refused, because the journal has no room, and then goes on. No
  // refused one may be recorded. `when_full` looks at it meanwhile.
  void fill_the_journal(const std::string& fault, const std::function<void()>& when_full);

  // Ends the crowd, and counts in the table and through HISTORY: nothing answered is lost, nothing is doubled.
  Tally finish(const std::string& fault, Crowd& crowd, const std::string& remark = "");
  // One line: the fault and its counts.
  void report(const std::string& fault, const Tally& tally, const std::string& remark) const;

  // Of the segments of dictd_'s journal.
  [[nodiscard]] std::uint64_t journal_bytes() const;

  support::TempDir dir_;
  support::Faults faults_;

 private:
  Tally count_in_table(const Crowd& crowd) const;
  Tally count_through_history(const Crowd& crowd) const;

  bool long_;
};

}  // namespace integration
