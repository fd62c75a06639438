// What the models say on a connection: QUERY is answered; anything else is with an empty answer of its type, so that
// a client which logs in first goes on.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "reactor/buffer.h"
#include "test/bench/peers/model/look_up.h"

namespace model {

// Appends the answers to all whole frames at the front of `bytes`, and says how many bytes those were; nothing if what
// is there is not the protocol. Waits for the look-ups.
[[nodiscard]] std::optional<std::size_t> answer_frames(std::string_view bytes, LookUp& look_up,
                                                       reactor::Buffer& output);

}  // namespace model
