#include "dictd/wire.h"

namespace dictd::wire {

std::string_view describe(DecodeError error) {
  switch (error) {
    case DecodeError::kTooShort: return "a field reaches over the end of the frame";
    case DecodeError::kTooLong: return "bytes are left over after the last field";
    case DecodeError::kInvalidUtf8: return "a text is not valid UTF-8";
  }
  return "unknown";
}

}  // namespace dictd::wire
