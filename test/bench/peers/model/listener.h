// How every model begins, and how it gets its clients.
#pragma once

#include <functional>
#include <optional>

#include "reactor/fd.h"
#include "test/bench/peers/model/look_up.h"

namespace model {

// As courses have it: a socket that blocks; or one for a loop.
enum class Waiting { kBlocks, kNever };

// On 127.0.0.1; says where on the standard output. As many descriptors as the system allows are to be had from then on.
// Nothing, if that failed; then the reason was printed.
[[nodiscard]] std::optional<reactor::Fd> start_listening(std::uint16_t port, Waiting waiting);

// The next client; none when there is none now (kNever), or when it could not be had.
[[nodiscard]] reactor::Fd accept_client(int listener, Waiting waiting);

// The whole of a program but its loop: `serve` gets the socket that listens, and does not return unless it fails.
using Serve = std::function<void(reactor::Fd listener, const Words& words)>;
int run(int argc, char** argv, Waiting waiting, const Serve& serve);

}  // namespace model
