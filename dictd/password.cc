#include "dictd/password.h"

#include <argon2.h>
#include <sodium.h>
#include <sys/mman.h>

#include <charconv>
#include <cstdlib>
#include <utility>

namespace dictd {
namespace {

void need_sodium() {
  static const bool usable = sodium_init() >= 0;
  if (!usable) std::abort();  // no source of randomness: nothing may be hashed or handed out
}

constexpr int kBase64 = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;

// How many characters `bytes` bytes are in base64 without padding.
constexpr std::size_t base64_length(std::size_t bytes) { return sodium_base64_ENCODED_LEN(bytes, kBase64) - 1; }

// What Argon2id works in. A thread keeps its own for the next hash: pages that are new each time cost as much again as
// the hash, and the thread gets them within the kernel, where it yields to nobody.
class WorkingMemory {
 public:
  WorkingMemory() = default;
  ~WorkingMemory() { release(); }
  WorkingMemory(const WorkingMemory&) = delete;
  WorkingMemory& operator=(const WorkingMemory&) = delete;

  // Nothing when there is not so much.
  std::uint8_t* get(std::size_t size) {
    if (size == size_) return start_;
    release();
    void* const start = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) return nullptr;
    start_ = static_cast<std::uint8_t*>(start);
    size_ = size;
    return start_;
  }
  void release() {
    if (start_ != nullptr) ::munmap(std::exchange(start_, nullptr), std::exchange(size_, 0));
  }

 private:
  std::uint8_t* start_ = nullptr;
  std::size_t size_ = 0;
};

thread_local WorkingMemory working_memory;

// A stored hash, taken apart.
struct Hashed {
  PasswordCost cost;
  std::array<std::uint8_t, 16> salt;
  std::array<std::uint8_t, 32> hash;
};

// Sets hashed.hash; false when there is not memory enough for the cost.
bool compute(std::string_view password, Hashed& hashed) {
  argon2_context context{};
  context.out = hashed.hash.data();
  context.outlen = static_cast<std::uint32_t>(hashed.hash.size());
  // Only read: the flag to clear it is not set.
  context.pwd = const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(password.data()));
  context.pwdlen = static_cast<std::uint32_t>(password.size());
  context.salt = hashed.salt.data();
  context.saltlen = static_cast<std::uint32_t>(hashed.salt.size());
  context.t_cost = hashed.cost.passes;
  context.m_cost = hashed.cost.memory_kib;
  context.lanes = 1;
  context.threads = 1;
  context.version = ARGON2_VERSION_13;
  context.allocate_cbk = [](std::uint8_t** memory, std::size_t size) {
    *memory = working_memory.get(size);
    return *memory != nullptr ? 0 : -1;
  };
  context.free_cbk = [](std::uint8_t* /*memory*/, std::size_t /*size*/) {};  // the library has wiped it
  return argon2_ctx(&context, Argon2_id) == ARGON2_OK;
}

template <std::size_t kBytes>
void append_base64(std::string& text, const std::array<std::uint8_t, kBytes>& bytes) {
  char encoded[base64_length(kBytes) + 1];
  sodium_bin2base64(encoded, sizeof encoded, bytes.data(), kBytes, kBase64);
  text += encoded;
}

std::string to_text(const Hashed& hashed) {
  std::string text = "$argon2id$v=19$m=" + std::to_string(hashed.cost.memory_kib) +
                     ",t=" + std::to_string(hashed.cost.passes) + ",p=1$";
  append_base64(text, hashed.salt);
  text += '$';
  append_base64(text, hashed.hash);
  return text;
}

// Each takes its part from the front of `text`; false when that is something else.
bool take(std::string_view& text, std::string_view part) {
  if (!text.starts_with(part)) return false;
  text.remove_prefix(part.size());
  return true;
}
bool take(std::string_view& text, std::uint32_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}
template <std::size_t kBytes>
bool take(std::string_view& text, std::array<std::uint8_t, kBytes>& bytes) {
  const std::string_view encoded = text.substr(0, base64_length(kBytes));
  std::size_t size = 0;
  if (sodium_base642bin(bytes.data(), kBytes, encoded.data(), encoded.size(), nullptr, &size, nullptr, kBase64) != 0) {
    return false;
  }
  text.remove_prefix(encoded.size());
  return size == kBytes;
}

std::optional<Hashed> from_text(std::string_view text) {
  Hashed hashed{};
  if (take(text, "$argon2id$v=19$m=") && take(text, hashed.cost.memory_kib) && take(text, ",t=") &&
      take(text, hashed.cost.passes) && take(text, ",p=1$") && take(text, hashed.salt) && take(text, "$") &&
      take(text, hashed.hash) && text.empty()) {
    return hashed;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> hash_password(std::string_view password, PasswordCost cost) {
  need_sodium();
  Hashed hashed{.cost = cost, .salt = {}, .hash = {}};
  randombytes_buf(hashed.salt.data(), hashed.salt.size());
  if (!compute(password, hashed)) return std::nullopt;
  return to_text(hashed);
}

PasswordCheck verify_password(std::string_view hash, std::string_view password) {
  const auto stored = from_text(hash);
  if (!stored) return PasswordCheck::kFailed;
  Hashed hashed{.cost = stored->cost, .salt = stored->salt, .hash = {}};
  if (!compute(password, hashed)) return PasswordCheck::kFailed;
  const bool same = sodium_memcmp(hashed.hash.data(), stored->hash.data(), hashed.hash.size()) == 0;
  return same ? PasswordCheck::kRight : PasswordCheck::kWrong;
}

bool password_needs_renewal(std::string_view hash, PasswordCost cost) {
  const auto stored = from_text(hash);
  return !stored || stored->cost != cost;
}

std::optional<std::string> unmatchable_hash(PasswordCost cost) {
  auto hash = hash_password(new_token(), cost);
  working_memory.release();  // once, by a thread that hashes nothing else
  return hash;
}

std::string new_token() {
  need_sodium();
  unsigned char bytes[32];
  randombytes_buf(bytes, sizeof bytes);
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  static_assert(sodium_base64_ENCODED_LEN(sizeof bytes, kVariant) == kTokenLength + 1);
  char text[kTokenLength + 1];
  sodium_bin2base64(text, sizeof text, bytes, sizeof bytes, kVariant);
  return {text, kTokenLength};
}

TokenHash hash_token(std::string_view token) {
  need_sodium();
  TokenHash hash;
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(token.data()), token.size(),
                     nullptr, 0);
  return hash;
}

}  // namespace dictd
