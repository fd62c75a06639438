// What a call to the database can fail with. The message is for the log, one line; it never holds a password.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace dictd {

struct StoreError {
  enum class Kind {
    kUnavailable,  // no connection, no answer in time, or conflicts without end: the same call may work later
    kDuplicate,    // there is one by that name already
    kRejected,     // the database does not take these data, this account or this schema: the same call fails
                   // again
    kDoubtful,     // only of history to insert: the database is there and says no, perhaps to some of the events, to so
                   // many at once, or to all of them for now
  };
  Kind kind;
  std::string message;  // says what to do, where something can be done
};

template <typename T>
using StoreResult = tl::expected<T, StoreError>;

}  // namespace dictd
