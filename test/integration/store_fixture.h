// What the tests of the store share: a fresh database, a store upon it, and a way to show what a call gave.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "dictd/store.h"
#include "test/support/mariadb.h"

namespace dictd {

constexpr std::int64_t kNow = 1'700'000'000'000'000;

// What a call gave: "ok", or its error.
template <typename T>
std::string shown(const StoreResult<T>& result) {
  if (result) return "ok";
  const char* const kinds[] = {"unavailable", "duplicate", "rejected", "doubtful"};
  return std::string(kinds[static_cast<int>(result.error().kind)]) + ": " + result.error().message;
}

#define ASSERT_OK(call) ASSERT_EQ(shown(call), "ok")

class StoreTest : public testing::Test {
 protected:
  void add_user(std::uint64_t id, const std::string& name) { ASSERT_OK(store_.add_user({id, name, "hash"}, kNow)); }
  std::string sql(const std::string& text) { return support::run_sql(database_, text); }
  // Ends the store's connection from the other side.
  void cut_connection() {
    const std::string ids =
        sql("SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()");
    ASSERT_FALSE(ids.empty());
    sql("KILL " + ids);
  }

  DatabaseOptions database_ = support::shared_database();
  Store store_{database_};
};

}  // namespace dictd
