#include "dictd/framed.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

namespace dictd {
namespace {

using reactor::Buffer;
using reactor::Connection;
using wire::Type;

constexpr std::string_view kAllDictionaries = "*";
constexpr std::uint32_t kDefaultMatches = 20;
constexpr std::uint32_t kMostMatches = 1000;
constexpr std::uint32_t kUnasked = 0;  // the id of an error that answers no request

void encode_error(Buffer& output, std::uint32_t id, const Error& error) {
  wire::encode(output, id, wire::ErrorAnswer{static_cast<std::uint16_t>(error.code), error.message});
}

}  // namespace

// One client's requests and who it is logged in as.
class Framed::FramedClient final : public Client {
 public:
  explicit FramedClient(Framed& framed) : framed_(framed) {}

  std::size_t on_bytes(Connection& connection, std::string_view bytes) override;
  void on_deadline(Connection& connection, reactor::Deadline which) override;

 private:
  void say_shutting_down(Connection& connection) override;
  void dispatch(Connection& connection, const wire::Frame& frame);
  template <typename Message>
  void decode_and(Connection& connection, const wire::Frame& frame,
                  void (FramedClient::*handle)(Connection&, std::uint32_t, const Message&));
  static void refuse(Connection& connection, std::uint32_t id, wire::DecodeError error);
  // The last answer; the connection ends after it.
  static void end(Connection& connection, ErrorCode code, const char* message);

  void hello(Connection& connection, std::uint32_t id, const wire::HelloRequest& request);
  void register_user(Connection& connection, std::uint32_t id, const wire::RegisterRequest& request);
  void log_in(Connection& connection, std::uint32_t id, const wire::LoginRequest& request);
  void resume(Connection& connection, std::uint32_t id, const wire::ResumeRequest& request);
  void log_out(Connection& connection, std::uint32_t id, const wire::LogoutRequest& request);
  std::size_t look_up_run(Connection& connection, std::string_view bytes, const reactor::FrameLimits& limits);
  void answer_query(Connection& connection, std::uint32_t id, Type type, const Result<Found>& found) const;
  void history(Connection& connection, std::uint32_t id, const wire::HistoryRequest& request);
  void query_in(Connection& connection, std::uint32_t id, const wire::QueryInRequest& request);
  void match(Connection& connection, std::uint32_t id, const wire::MatchRequest& request);
  void match_in(Connection& connection, std::uint32_t id, const wire::MatchInRequest& request);
  void answer_match(Connection& connection, std::uint32_t id, Type type, const wire::MatchInRequest& request);
  void ping(Connection& connection, std::uint32_t id, const wire::PingRequest& request);
  void change_password(Connection& connection, std::uint32_t id, const wire::ChangePasswordRequest& request);
  void forget(Connection& connection, std::uint32_t id, const wire::ForgetRequest& request);
  void dictionaries(Connection& connection, std::uint32_t id, const wire::DictionariesRequest& request);

  // Gives the callback that a request is answered by, with an error or by write(client, connection, value).
  template <typename T, typename Write>
  Done<T> answer_later(Connection& connection, std::uint32_t id, Write write);
  // Appends an answer whose size depends on what was found: fill(FrameWriter&) puts its fields. One that is larger than a
  // frame may be is taken back, and an error said instead.
  template <typename Fill>
  void answer(Connection& connection, Type type, std::uint32_t id, Fill fill) const;

  Framed& framed_;
  Login login_;
};

// ---- Requests in
// ------------------------------------------------------------------------------------------------

std::size_t Framed::FramedClient::on_bytes(Connection& connection, std::string_view bytes) {
  using FrameStatus = reactor::FrameResult::Status;
  std::size_t taken = 0;
  while (connection.takes_input()) {
    const reactor::FrameLimits limits{
        wire::kSmallestFrame, login_ ? framed_.options_.largest_frame : framed_.options_.largest_anonymous_frame};
    const reactor::FrameResult frame = reactor::next_frame(bytes.substr(taken), limits);
    switch (frame.status) {
      case FrameStatus::kNeedMore: return taken;
      case FrameStatus::kTooShort:
        end(connection, ErrorCode::kMalformedFrame, "a frame's length is 5 or more");
        return bytes.size();
      case FrameStatus::kTooLarge:
        end(connection, ErrorCode::kFrameTooLarge,
            login_ ? "the frame is too large" : "the frame is too large for a client that is not logged in");
        return bytes.size();
      case FrameStatus::kFrame: break;
    }
    const wire::Frame request = wire::parse_frame(frame.body);
    if (request.type == Type::kQuery) {
      taken += look_up_run(connection, bytes.substr(taken), limits);
    } else {
      taken += frame.consumed;
      dispatch(connection, request);
    }
  }
  return taken;
}

void Framed::FramedClient::dispatch(Connection& connection, const wire::Frame& frame) {
  switch (frame.type) {
    case Type::kHello: return decode_and(connection, frame, &FramedClient::hello);
    case Type::kRegister: return decode_and(connection, frame, &FramedClient::register_user);
    case Type::kLogin: return decode_and(connection, frame, &FramedClient::log_in);
    case Type::kLogout: return decode_and(connection, frame, &FramedClient::log_out);
    case Type::kHistory: return decode_and(connection, frame, &FramedClient::history);
    case Type::kMatch: return decode_and(connection, frame, &FramedClient::match);
    case Type::kPing: return decode_and(connection, frame, &FramedClient::ping);
    case Type::kChangePassword: return decode_and(connection, frame, &FramedClient::change_password);
    case Type::kForget: return decode_and(connection, frame, &FramedClient::forget);
    case Type::kDictionaries: return decode_and(connection, frame, &FramedClient::dictionaries);
    case Type::kResume: return decode_and(connection, frame, &FramedClient::resume);
    case Type::kQueryIn: return decode_and(connection, frame, &FramedClient::query_in);
    case Type::kMatchIn: return decode_and(connection, frame, &FramedClient::match_in);
    case Type::kQuery:  // those are taken in runs
    case Type::kError: break;
  }
  encode_error(connection.output(), frame.id,
               {ErrorCode::kUnknownType,
                "this server knows no request of type " + std::to_string(static_cast<int>(frame.type))});
}

template <typename Message>
void Framed::FramedClient::decode_and(Connection& connection, const wire::Frame& frame,
                                      void (FramedClient::*handle)(Connection&, std::uint32_t, const Message&)) {
  const auto message = wire::decode<Message>(frame.fields);
  if (message) {
    (this->*handle)(connection, frame.id, *message);
  } else {
    refuse(connection, frame.id, message.error());
  }
}

void Framed::FramedClient::refuse(Connection& connection, std::uint32_t id, wire::DecodeError error) {
  encode_error(connection.output(), id, {ErrorCode::kBadRequest, std::string(wire::describe(error))});
}

void Framed::FramedClient::on_deadline(Connection& connection, reactor::Deadline which) {
  switch (which) {
    case reactor::Deadline::kWholeRequest: return end(connection, ErrorCode::kIdle, "the rest of a frame did not come");
    case reactor::Deadline::kFirstRequest: return end(connection, ErrorCode::kIdle, "no request came");
    default: return end(connection, ErrorCode::kIdle, "nothing came for too long");
  }
}

void Framed::FramedClient::say_shutting_down(Connection& connection) {
  end(connection, ErrorCode::kShuttingDown, "the server stops; connect again in a moment");
}

void Framed::FramedClient::end(Connection& connection, ErrorCode code, const char* message) {
  if (!connection.is_open()) return;  // it has had its last answer
  encode_error(connection.output(), kUnasked, {code, message});
  connection.close_when_flushed();
}

// ---- Answers out
// ------------------------------------------------------------------------------------------------

template <typename T, typename Write>
Done<T> Framed::FramedClient::answer_later(Connection& connection, std::uint32_t id, Write write) {
  return Client::answer_later<FramedClient, T>(framed_.connections(), connection,
                                               [id, write](FramedClient& client, Connection& to, Result<T> result) {
                                                 if (!result) {
                                                   encode_error(to.output(), id, result.error());
                                                 } else if constexpr (std::is_void_v<T>) {
                                                   write(client, to);
                                                 } else {
                                                   write(client, to, std::move(*result));
                                                 }
                                               });
}

template <typename Fill>
void Framed::FramedClient::answer(Connection& connection, Type type, std::uint32_t id, Fill fill) const {
  Buffer& output = connection.output();
  const std::size_t before = output.size();
  {
    wire::FrameWriter writer(output, type, id);
    fill(writer);
  }
  if (output.size() - before - reactor::kFramePrefix <= framed_.options_.largest_answer) return;
  output.truncate(before);
  encode_error(output, id, {ErrorCode::kInternal, "the answer is larger than a frame may be"});
}

void Framed::FramedClient::hello(Connection& connection, std::uint32_t id, const wire::HelloRequest& request) {
  if (request.version != wire::kVersion) {
    return encode_error(connection.output(), id,
                        {ErrorCode::kUnsupportedVersion, "this server speaks version 1 of the protocol"});
  }
  wire::encode(connection.output(), id,
               wire::HelloAnswer{wire::kVersion, framed_.options_.server_name, framed_.options_.largest_frame});
}

void Framed::FramedClient::register_user(Connection& connection, std::uint32_t id,
                                         const wire::RegisterRequest& request) {
  framed_.service().accounts().register_user(std::string(request.name), std::string(request.password),
                                             answer_later<void>(connection, id, [id](FramedClient&, Connection& to) {
                                               wire::encode(to.output(), id, wire::RegisterAnswer{});
                                             }));
}

void Framed::FramedClient::log_in(Connection& connection, std::uint32_t id, const wire::LoginRequest& request) {
  framed_.service().accounts().log_in(
      connection.peer().host_key(), std::string(request.name), std::string(request.password), Lasting::kYes,
      answer_later<LoggedIn>(connection, id, [id](FramedClient& client, Connection& to, const LoggedIn& logged_in) {
        client.login_ = logged_in.login;
        wire::encode(to.output(), id, wire::LoginAnswer{logged_in.token});
      }));
}

void Framed::FramedClient::resume(Connection& connection, std::uint32_t id, const wire::ResumeRequest& request) {
  framed_.service().accounts().resume(
      request.token,
      answer_later<LoggedIn>(connection, id, [id](FramedClient& client, Connection& to, const LoggedIn& logged_in) {
        client.login_ = logged_in.login;
        wire::encode(to.output(), id, wire::ResumeAnswer{logged_in.name});
      }));
}

void Framed::FramedClient::log_out(Connection& connection, std::uint32_t id, const wire::LogoutRequest& /*request*/) {
  framed_.service().accounts().log_out(login_,
                                       answer_later<void>(connection, id, [id](FramedClient& client, Connection& to) {
                                         client.login_ = {};
                                         wire::encode(to.output(), id, wire::LogoutAnswer{});
                                       }));
}

// The look-ups at the front of `bytes`, one at least; says how many bytes they were.
std::size_t Framed::FramedClient::look_up_run(Connection& connection, std::string_view bytes,
                                              const reactor::FrameLimits& limits) {
  struct Query {
    std::uint32_t id;
    std::size_t end;  // in bytes
  };
  std::array<Query, Service::kMostAtOnce> queries;  // the first `count` of both are written
  std::array<std::string_view, Service::kMostAtOnce> words;
  std::size_t count = 0;
  for (std::size_t end = 0; count < queries.size(); ++count) {
    const reactor::FrameResult frame = reactor::next_frame(bytes.substr(end), limits);
    if (frame.status != reactor::FrameResult::Status::kFrame) break;
    const wire::Frame request = wire::parse_frame(frame.body);
    if (request.type != Type::kQuery) break;
    end += frame.consumed;
    const auto query = wire::decode<wire::QueryRequest>(request.fields);
    if (!query && count > 0) break;
    if (!query) return refuse(connection, request.id, query.error()), end;
    queries[count] = {request.id, end};
    words[count] = query->word;
  }

  framed_.service().find(std::span(words).first(count));
  const Scope scope = *framed_.service().scope(kAllDictionaries);
  const std::uint64_t begin = connection.output_end();
  Ticket ticket = 0;  // of the last that was found
  std::size_t done = 0;
  while (done < count && connection.takes_input()) {
    const auto found = framed_.service().look_up(login_, Access::kUsers, scope, done);
    answer_query(connection, queries[done].id, wire::QueryAnswer::kType, found);
    if (found) ticket = found->ticket;
    ++done;
  }
  if (ticket != 0) framed_.hold(connection, begin, ticket);
  return queries[done - 1].end;
}

void Framed::FramedClient::query_in(Connection& connection, std::uint32_t id, const wire::QueryInRequest& request) {
  const auto scope = framed_.service().scope(request.dictionary);
  if (!scope) return encode_error(connection.output(), id, scope.error());
  framed_.service().find({&request.word, 1});
  const std::uint64_t begin = connection.output_end();
  const auto found = framed_.service().look_up(login_, Access::kUsers, *scope, 0);
  answer_query(connection, id, answer_to(Type::kQueryIn), found);
  if (found) framed_.hold(connection, begin, found->ticket);
}

void Framed::FramedClient::answer_query(Connection& connection, std::uint32_t id, Type type,
                                        const Result<Found>& found) const {
  if (!found) return encode_error(connection.output(), id, found.error());
  answer(connection, type, id, [&found](wire::FrameWriter& writer) {
    writer.put(static_cast<std::uint32_t>(found->entries.size()));
    for (const Entry& entry : found->entries) {
      writer.put(entry.dictionary);
      writer.put(entry.headword);
      writer.put(entry.meaning);
    }
  });
}

void Framed::FramedClient::history(Connection& connection, std::uint32_t id, const wire::HistoryRequest& request) {
  const auto write = [id](const FramedClient& client, Connection& to, const std::vector<Event>& events) {
    client.answer(to, wire::HistoryAnswer::kType, id, [&events](wire::FrameWriter& writer) {
      writer.put(static_cast<std::uint32_t>(events.size()));
      for (const Event& event : events) {
        writer.put(event.number);
        writer.put(event.time_us);
        writer.put(event.word);
      }
    });
  };
  framed_.service().history(login_, request.limit, request.before,
                            answer_later<std::vector<Event>>(connection, id, write));
}

void Framed::FramedClient::match(Connection& connection, std::uint32_t id, const wire::MatchRequest& request) {
  answer_match(connection, id, wire::MatchAnswer::kType,
               {kAllDictionaries, request.strategy, request.word, request.limit});
}

void Framed::FramedClient::match_in(Connection& connection, std::uint32_t id, const wire::MatchInRequest& request) {
  answer_match(connection, id, answer_to(Type::kMatchIn), request);
}

void Framed::FramedClient::answer_match(Connection& connection, std::uint32_t id, Type type,
                                        const wire::MatchInRequest& request) {
  Service& service = framed_.service();
  const auto scope = service.scope(request.dictionary);
  if (!scope) return encode_error(connection.output(), id, scope.error());
  const auto strategy = service.strategy(request.strategy);
  if (!strategy) return encode_error(connection.output(), id, strategy.error());
  const auto write = [id, type](const FramedClient& client, Connection& to, const Headwords& matches) {
    client.answer(to, type, id, [&matches](wire::FrameWriter& writer) {
      writer.put(static_cast<std::uint32_t>(matches.entries.size()));
      for (const Entry& entry : matches.entries) {
        writer.put(entry.dictionary);
        writer.put(entry.headword);
      }
    });
  };
  const std::uint32_t limit = request.limit == 0 ? kDefaultMatches : std::min(request.limit, kMostMatches);
  service.match(login_, framed_.options_.matches, *scope, *strategy, request.word, limit,
                answer_later<Headwords>(connection, id, write));
}

void Framed::FramedClient::ping(Connection& connection, std::uint32_t id, const wire::PingRequest& /*request*/) {
  wire::encode(connection.output(), id, wire::PingAnswer{});
}

void Framed::FramedClient::change_password(Connection& connection, std::uint32_t id,
                                           const wire::ChangePasswordRequest& request) {
  framed_.service().accounts().change_password(connection.peer().host_key(), login_, std::string(request.old_password),
                                               std::string(request.new_password),
                                               answer_later<void>(connection, id, [id](FramedClient&, Connection& to) {
                                                 wire::encode(to.output(), id, wire::ChangePasswordAnswer{});
                                               }));
}

void Framed::FramedClient::forget(Connection& connection, std::uint32_t id, const wire::ForgetRequest& request) {
  framed_.service().forget(
      login_, request.event,
      answer_later<std::uint64_t>(connection, id, [id](FramedClient&, Connection& to, std::uint64_t removed) {
        wire::encode(to.output(), id, wire::ForgetAnswer{removed});
      }));
}

void Framed::FramedClient::dictionaries(Connection& connection, std::uint32_t id,
                                        const wire::DictionariesRequest& /*request*/) {
  if (!login_ && framed_.options_.matches == Access::kUsers) {
    return encode_error(connection.output(), id, not_logged_in().value());
  }
  const auto listed = framed_.service().listed_dictionaries();
  answer(connection, wire::DictionariesAnswer::kType, id, [&listed](wire::FrameWriter& writer) {
    writer.put(static_cast<std::uint32_t>(listed.size()));
    for (const Dictionary* const dictionary : listed) {
      writer.put(std::string_view(dictionary->name));
      writer.put(std::string_view(dictionary->title));
      writer.put(dictionary->entries);
    }
  });
}

// ---- All clients
// ------------------------------------------------------------------------------------------------

Framed::Framed(const Options& options, Service& service, reactor::ConnectionSet& connections)
    : FrontEnd(service, connections, options.connection), options_(options) {}

std::unique_ptr<Client> Framed::make_client(bool /*encrypted*/) { return std::make_unique<FramedClient>(*this); }

void Framed::write_too_many(Buffer& output) {
  encode_error(output, kUnasked, {ErrorCode::kOverloaded, "too many connections; try again later"});
}

Buffer Framed::refusals_of(std::string_view frames) {
  Buffer refusals;
  while (!frames.empty()) {
    const auto frame = reactor::next_frame(frames, {wire::kSmallestFrame, wire::kLargestAnswer});
    const wire::Frame answer = wire::parse_frame(frame.body);
    if (answer.type == wire::QueryAnswer::kType || answer.type == answer_to(Type::kQueryIn)) {
      encode_error(refusals, answer.id, Service::not_recorded());
    } else {
      refusals.append(frames.substr(0, frame.consumed));
    }
    frames.remove_prefix(frame.consumed);
  }
  return refusals;
}

}  // namespace dictd
