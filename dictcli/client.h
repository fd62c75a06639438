// dictcli's side of the framed protocol (dictd/wire.h): one request, one answer, each as a call that blocks.
//
// It connects when something is asked, and again when the connection was lost since, with the token of the
// login: a caller only sees that an answer took longer, or a Failure. A request that was under way when the
// connection broke is not sent a second time: a look-up would stand in the history twice. Not here: what is
// shown (menu.h, one_shot.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dictcli/connection.h"
#include "dictcli/failure.h"
#include "dictd/wire.h"
#include "reactor/buffer.h"

namespace dictcli {

struct Entry {
  std::string dictionary, headword, meaning;
};

// A headword like the word that was asked for.
struct Match {
  std::string dictionary, headword;
};

struct Dictionary {
  std::string name, title;
  std::uint64_t headwords;
};

struct LookUp {
  std::uint64_t number;  // of the event; asks for the page before it
  std::int64_t time_us;  // since the Unix epoch, UTC
  std::string word;
};

inline constexpr std::uint32_t kMostMatches = 1000;  // a server answers with no more
inline constexpr std::size_t kMostNearWords = 10;
inline constexpr std::size_t kMostCompletions = 50;

// A user's way to one server. Blocks; one thread.
class Client {
 public:
  // `dictionary` is where words are looked for: a name, "*" for those that the server asks by itself, or "!" for the
  // first of them that knows the word. None is "*", and understood by servers that have no other.
  explicit Client(Endpoint server, std::optional<std::string> dictionary = std::nullopt)
      : server_(std::move(server)), dictionary_(std::move(dictionary)) {}

  // Whether all answers are of the one dictionary that was named.
  [[nodiscard]] bool asks_one_dictionary() const { return dictionary_ && *dictionary_ != "*" && *dictionary_ != "!"; }

  [[nodiscard]] Result<void> connect();
  [[nodiscard]] Result<void> register_user(const std::string& name, const std::string& password);
  // Both leave the client logged in; the token of log_in() lets resume() do the same without the password.
  [[nodiscard]] Result<std::string> log_in(const std::string& name, const std::string& password);
  [[nodiscard]] Result<std::string> resume(const std::string& token);  // answers the user's name
  [[nodiscard]] Result<void> log_out();  // forgets the login here, whatever the server says

  [[nodiscard]] Result<std::vector<Entry>> look_up(const std::string& word);  // empty: not found
  // At most kMostMatches.
  [[nodiscard]] Result<std::vector<Match>> match(std::string_view strategy, const std::string& word,
                                                 std::uint32_t limit);
  // What helps to type a word: headwords of whichever dictionary, of those that a look-up takes for the same the first.
  // None where something fails: a kindness is no reason to stop.
  [[nodiscard]] std::vector<std::string> words_near(const std::string& word);
  // If there are more than kMostCompletions, `beginning` is among them: what those given have in common says nothing.
  [[nodiscard]] std::vector<std::string> words_beginning(const std::string& beginning);
  // All but the hidden ones, in the order in which they answer.
  [[nodiscard]] Result<std::vector<Dictionary>> dictionaries();
  // Newest first, older than the event `before`, 0 for the newest of all.
  [[nodiscard]] Result<std::vector<LookUp>> history(std::uint32_t limit, std::uint64_t before);

  // Whether the connection had to be made again since the last call of this, for a reason nobody was told
  // yet.
  [[nodiscard]] std::optional<Failure> take_loss() { return std::exchange(loss_, std::nullopt); }

 private:
  template <typename Answer, typename Request>
  [[nodiscard]] Result<Answer> ask(const Request& request);
  template <typename Answer, typename Request>
  [[nodiscard]] Result<Answer> exchange(const Request& request);
  [[nodiscard]] Result<void> make_ready();
  [[nodiscard]] Result<void> log_in_again();
  [[nodiscard]] Failure reason_of_loss();
  [[nodiscard]] Result<std::string_view> receive_answer(dictd::wire::Type type);
  [[nodiscard]] Result<dictd::wire::Frame> receive_frame();
  [[nodiscard]] Failure about(std::string_view word, Failure failure);
  [[nodiscard]] Failure refusal(const dictd::wire::Frame& frame) const;
  [[nodiscard]] Failure nonsense() const { return {.kind = Failure::Kind::kNonsense, .server = server_.text()}; }

  Endpoint server_;
  std::optional<std::string> dictionary_;
  std::optional<Connection> connection_;
  reactor::Buffer input_;
  std::size_t taken_ = 0;  // bytes at the front of input_ that belong to the answer before
  std::uint32_t id_ = 0;
  std::string token_;
  std::optional<Failure> loss_;
};

}  // namespace dictcli
