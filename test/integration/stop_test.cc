// How dictd ends.
#include <csignal>

#include "test/integration/dictd_fixture.h"

namespace integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class StopTest : public DictdTest {};

TEST_F(StopTest, EachSignalToStopGivesExitCode0) {
  start();
  for (const int signal : {SIGTERM, SIGINT}) {
    dictd_->process().send_signal(signal);
    EXPECT_EQ(dictd_->process().wait(), 0) << signal;
    EXPECT_THAT(dictd_->process().errors(), HasSubstr("stopped"));
    restart();
  }
}

// The thread that writes the log did not block them: it took them, and the process died of them.
TEST_F(StopTest, SignalsReachTheLoopAndNoOtherThread) {
  start();
  for (int i = 0; i < 3; ++i) {
    dictd_->process().send_signal(SIGHUP);
    wait_until("the words are loaded anew", [&] {
      const std::string log = dictd_->process().errors();
      return log.find("words of", log.rfind("loading the words anew")) != std::string::npos;
    });
  }
  EXPECT_EQ(dictd_->stop(), 0);
}

}  // namespace
}  // namespace integration
