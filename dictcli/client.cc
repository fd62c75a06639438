#include "dictcli/client.h"

#include <algorithm>
#include <set>
#include <utility>

#include "dictd/fold.h"
#include "reactor/frame.h"

namespace dictcli {

namespace wire = dictd::wire;
using dictd::ErrorCode;
using Kind = Failure::Kind;

namespace {

constexpr std::size_t kShortestToken = 16;
constexpr std::size_t kLongestToken = 128;
constexpr std::string_view kAnyStrategy = ".";  // the server's default
constexpr std::string_view kAnyWord = "a";

// The protocol's promise; one that breaks it could not be kept in a file of lines.
bool is_token(std::string_view text) {
  return text.size() >= kShortestToken && text.size() <= kLongestToken &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

bool is_word(std::string_view text) {
  const std::string_view word = dictd::trim(text);
  return !word.empty() && dictd::valid_utf8(word) && dictd::count_characters(word) <= dictd::kMaxWordCharacters;
}

std::vector<Entry> entries_of(const wire::QueryAnswer& answer) {
  std::vector<Entry> entries;
  for (const auto& [dictionary, headword, meaning] : answer.entries) {
    entries.push_back({std::string(dictionary), std::string(headword), std::string(meaning)});
  }
  return entries;
}

std::vector<Match> matches_of(const wire::MatchAnswer& answer) {
  std::vector<Match> matches;
  for (const auto& [dictionary, headword] : answer.entries) {
    matches.push_back({std::string(dictionary), std::string(headword)});
  }
  return matches;
}

std::vector<std::string> different_words(const std::vector<Match>& matches, std::size_t limit) {
  std::vector<std::string> words;
  std::set<std::string> seen;
  for (const Match& match : matches) {
    std::string key;
    dictd::fold(match.headword, key);
    if (words.size() < limit && seen.insert(std::move(key)).second) words.push_back(match.headword);
  }
  return words;
}

}  // namespace

template <typename Answer, typename Request>
Result<Answer> Client::ask(const Request& request) {
  return make_ready().and_then([&] { return exchange<Answer>(request); });
}

template <typename Answer, typename Request>
Result<Answer> Client::exchange(const Request& request) {
  reactor::Buffer output;
  wire::encode(output, ++id_, request);
  auto answer = connection_->send(output.view())
                    .and_then([this] { return receive_answer(wire::answer_to(Request::kType)); })
                    .and_then([&](std::string_view fields) -> Result<Answer> {
                      auto message = wire::decode<Answer>(fields);
                      if (!message) return tl::unexpected(nonsense());
                      return std::move(*message);
                    });
  // Whatever failed but a refusal leaves the two sides out of step.
  if (!answer && answer.error().kind != Kind::kRefused) connection_.reset();
  return answer;
}

Result<void> Client::make_ready() {
  std::optional<Failure> loss;
  if (connection_ && connection_->has_news()) {
    loss = reason_of_loss();
    connection_.reset();
  }
  if (connection_) return {};
  return Connection::open(server_)
      .and_then([this](Connection&& connection) {
        connection_ = std::move(connection);
        input_.truncate(0);
        taken_ = 0;
        return log_in_again();
      })
      .map([&] { loss_ = loss; });
}

Result<void> Client::log_in_again() {
  if (token_.empty()) return {};
  const auto answer = exchange<wire::ResumeAnswer>(wire::ResumeRequest{.token = token_});
  if (answer) return {};
  Failure failure = answer.error();
  if (failure.refused_as(ErrorCode::kBadCredentials)) {
    token_.clear();
    failure = {.kind = Kind::kSessionEnded};
  } else {
    connection_.reset();  // else it would stay, but without a user
  }
  return tl::unexpected(failure);
}

// The server's last words on a connection that it closed by itself, if it had any.
Failure Client::reason_of_loss() {
  input_.consume(std::exchange(taken_, 0));
  const auto frame = receive_frame();
  return frame ? refusal(*frame) : frame.error();
}

Result<std::string_view> Client::receive_answer(wire::Type type) {
  input_.consume(std::exchange(taken_, 0));
  const auto frame = receive_frame();
  if (!frame) return tl::unexpected(frame.error());
  if (frame->type == wire::Type::kError) {
    if (frame->id != id_) connection_.reset();  // id 0: the server closes the connection
    if (frame->id != id_ && frame->id != 0) return tl::unexpected(nonsense());
    return tl::unexpected(refusal(*frame));
  }
  if (frame->id != id_ || frame->type != type) return tl::unexpected(nonsense());
  return frame->fields;
}

Result<wire::Frame> Client::receive_frame() {
  const reactor::FrameLimits limits{.smallest = wire::kSmallestFrame, .largest = wire::kLargestAnswer};
  for (;;) {
    const reactor::FrameResult result = reactor::next_frame(input_.view(), limits);
    switch (result.status) {
      case reactor::FrameResult::Status::kFrame: taken_ = result.consumed; return wire::parse_frame(result.body);
      case reactor::FrameResult::Status::kTooShort: return tl::unexpected(nonsense());
      case reactor::FrameResult::Status::kTooLarge: return tl::unexpected(Failure{.kind = Kind::kAnswerTooLarge});
      case reactor::FrameResult::Status::kNeedMore: break;
    }
    if (auto received = connection_->receive(input_); !received) return tl::unexpected(received.error());
  }
}

Failure Client::refusal(const wire::Frame& frame) const {
  const auto error = wire::decode<wire::ErrorAnswer>(frame.fields);
  if (frame.type != wire::Type::kError || !error) return nonsense();
  const auto code = static_cast<ErrorCode>(error->code);
  return {.kind = Kind::kRefused, .code = code, .detail = std::string(error->message)};
}

Result<void> Client::connect() { return make_ready(); }

Result<void> Client::register_user(const std::string& name, const std::string& password) {
  return ask<wire::RegisterAnswer>(wire::RegisterRequest{name, password}).map([](const auto&) {});
}

Result<std::string> Client::log_in(const std::string& name, const std::string& password) {
  return ask<wire::LoginAnswer>(wire::LoginRequest{name, password})
      .and_then([this](const wire::LoginAnswer& answer) -> Result<std::string> {
        if (!is_token(answer.token)) return tl::unexpected(nonsense());
        token_ = answer.token;
        return token_;
      });
}

Result<std::string> Client::resume(const std::string& token) {
  return ask<wire::ResumeAnswer>(wire::ResumeRequest{token}).map([&](const wire::ResumeAnswer& answer) {
    token_ = token;
    return std::string(answer.name);
  });
}

Result<void> Client::log_out() {
  auto answer = ask<wire::LogoutAnswer>(wire::LogoutRequest{}).map([](const auto&) {});
  token_.clear();
  return answer;
}

Result<std::vector<Entry>> Client::look_up(const std::string& word) {
  const auto answer = dictionary_ ? ask<wire::QueryAnswer>(wire::QueryInRequest{*dictionary_, word})
                                  : ask<wire::QueryAnswer>(wire::QueryRequest{word});
  return answer.map(entries_of).map_error([&](const Failure& failure) { return about(word, failure); });
}

Result<std::vector<Match>> Client::match(std::string_view strategy, const std::string& word, std::uint32_t limit) {
  const auto answer = dictionary_ ? ask<wire::MatchAnswer>(wire::MatchInRequest{*dictionary_, strategy, word, limit})
                                  : ask<wire::MatchAnswer>(wire::MatchRequest{strategy, word, limit});
  return answer.map(matches_of).map_error([&](const Failure& failure) { return about(word, failure); });
}

// What a bad request is about: the word needs no words of the server's, for we know what a word is; and if all else is
// good in another request, it is the dictionary. What is left only the server knows.
Failure Client::about(std::string_view word, Failure failure) {
  if (!failure.refused_as(ErrorCode::kBadRequest)) return failure;
  if (!is_word(word)) {
    failure.detail.clear();
    return failure;
  }
  if (!dictionary_) return failure;
  const auto other = ask<wire::MatchAnswer>(wire::MatchInRequest{*dictionary_, kAnyStrategy, kAnyWord, 1});
  if (other || !other.error().refused_as(ErrorCode::kBadRequest)) return failure;
  return {.kind = Kind::kNoDictionary, .detail = *dictionary_};
}

std::vector<std::string> Client::words_near(const std::string& word) {
  return different_words(match("lev", word, kMostMatches).value_or(std::vector<Match>()), kMostNearWords);
}

std::vector<std::string> Client::words_beginning(const std::string& beginning) {
  const auto matches = match("prefix", beginning, kMostMatches).value_or(std::vector<Match>());
  auto words = different_words(matches, kMostCompletions + 1);
  if (words.size() > kMostCompletions) words.back() = beginning;
  return words;
}

Result<std::vector<Dictionary>> Client::dictionaries() {
  return ask<wire::DictionariesAnswer>(wire::DictionariesRequest{}).map([](const wire::DictionariesAnswer& answer) {
    std::vector<Dictionary> dictionaries;
    for (const auto& [name, title, entries] : answer.dictionaries) {
      dictionaries.push_back({std::string(name), std::string(title), entries});
    }
    return dictionaries;
  });
}

Result<std::vector<LookUp>> Client::history(std::uint32_t limit, std::uint64_t before) {
  return ask<wire::HistoryAnswer>(wire::HistoryRequest{limit, before}).map([](const wire::HistoryAnswer& answer) {
    std::vector<LookUp> look_ups;
    for (const auto& event : answer.events) look_ups.push_back({event.number, event.time_us, std::string(event.word)});
    return look_ups;
  });
}

}  // namespace dictcli
