// A two-way stream of bytes that never waits: what a connection reads from and writes to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>

#include "reactor/fd.h"

namespace reactor {

struct IoResult {
  enum class Kind : std::uint8_t {
    kDone,   // `bytes` were moved, at least one
    kAgain,  // none now; an edge will tell when
    kEof,    // the peer sends no more (read only)
    kError,  // the stream is broken
  };
  Kind kind = Kind::kAgain;
  std::size_t bytes = 0;
  std::error_code error = {};
  bool crossed = false;  // kAgain of a read that waits for room to write, or of a write that waits for bytes to read
  bool drained = false;  // kDone of a read: nothing more was there, and an edge will tell of what comes
};

// Loop thread only.
class Stream {
 public:
  Stream() = default;
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  [[nodiscard]] virtual IoResult read(std::span<char> into) = 0;
  [[nodiscard]] virtual IoResult write(std::string_view bytes) = 0;
  // Tells the peer that no more is sent.
  virtual void finish() = 0;
  [[nodiscard]] virtual int fd() const = 0;
  // Whether any edge, of either direction, may end any kAgain.
  [[nodiscard]] virtual bool mixes_directions() const { return false; }
  // Whether the two sides understand each other yet; until then nothing that is written reaches the peer.
  [[nodiscard]] virtual bool is_established() const { return true; }
};

// A plain socket.
class SocketStream final : public Stream {
 public:
  explicit SocketStream(Fd fd) : fd_(std::move(fd)) {}

  [[nodiscard]] IoResult read(std::span<char> into) override;
  [[nodiscard]] IoResult write(std::string_view bytes) override;
  void finish() override;
  [[nodiscard]] int fd() const override { return fd_.get(); }

 private:
  Fd fd_;
};

}  // namespace reactor
