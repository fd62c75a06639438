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

constexpr std::uint32_t kUnasked = 0;  // the id of an error that answers no request

void encode_error(Buffer& output, std::uint32_t id, const Error& error) {
  wire::encode(output, id, wire::ErrorAnswer{static_cast<std::uint16_t>(error.code), error.message});
}

}  // namespace

// One client's requests and who it is logged in as.
class Framed::Client final : public Connection::Handler {
 public:
  explicit Client(Framed& framed) : framed_(framed) {}

  std::size_t on_bytes(Connection& connection, std::string_view bytes) override;
  void on_deadline(Connection& connection, reactor::Deadline which) override;
  void on_shutdown(Connection& connection) override;

 private:
  void dispatch(Connection& connection, const wire::Frame& frame);
  template <typename Message>
  void decode_and(Connection& connection, const wire::Frame& frame,
                  void (Client::*handle)(Connection&, std::uint32_t, const Message&));
  static void refuse(Connection& connection, std::uint32_t id, wire::DecodeError error);
  // The last answer; the connection ends after it.
  static void end(Connection& connection, ErrorCode code, const char* message);

  void hello(Connection& connection, std::uint32_t id, const wire::HelloRequest& request);
  void register_user(Connection& connection, std::uint32_t id, const wire::RegisterRequest& request);
  void log_in(Connection& connection, std::uint32_t id, const wire::LoginRequest& request);
  void resume(Connection& connection, std::uint32_t id, const wire::ResumeRequest& request);
  void log_out(Connection& connection, std::uint32_t id, const wire::LogoutRequest& request);
  std::size_t look_up_run(Connection& connection, std::string_view bytes, const reactor::FrameLimits& limits);
  void answer_query(Connection& connection, std::uint32_t id, const Result<Found>& found) const;
  void history(Connection& connection, std::uint32_t id, const wire::HistoryRequest& request);
  void match(Connection& connection, std::uint32_t id, const wire::MatchRequest& request);
  void ping(Connection& connection, std::uint32_t id, const wire::PingRequest& request);
  void change_password(Connection& connection, std::uint32_t id, const wire::ChangePasswordRequest& request);
  void forget(Connection& connection, std::uint32_t id, const wire::ForgetRequest& request);
  void dictionaries(Connection& connection, std::uint32_t id, const wire::DictionariesRequest& request);

  // Pauses the connection, and gives the callback that answers and resumes it. `write` appends the answer.
  template <typename T, typename Write>
  Service::Done<T> answer_later(Connection& connection, std::uint32_t id, Write write);
  // Appends an answer whose size depends on what was found: fill(FrameWriter&) puts its fields. One that is larger than a
  // frame may be is taken back, and an error said instead.
  template <typename Fill>
  void answer(Connection& connection, Type type, std::uint32_t id, Fill fill) const;

  Framed& framed_;
  Login login_;
  bool busy_ = false;      // a callback is under way
  bool stopping_ = false;  // ends as soon as it is not busy
};

// ---- Requests in
// ------------------------------------------------------------------------------------------------

std::size_t Framed::Client::on_bytes(Connection& connection, std::string_view bytes) {
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

void Framed::Client::dispatch(Connection& connection, const wire::Frame& frame) {
  switch (frame.type) {
    case Type::kHello: return decode_and(connection, frame, &Client::hello);
    case Type::kRegister: return decode_and(connection, frame, &Client::register_user);
    case Type::kLogin: return decode_and(connection, frame, &Client::log_in);
    case Type::kLogout: return decode_and(connection, frame, &Client::log_out);
    case Type::kHistory: return decode_and(connection, frame, &Client::history);
    case Type::kMatch: return decode_and(connection, frame, &Client::match);
    case Type::kPing: return decode_and(connection, frame, &Client::ping);
    case Type::kChangePassword: return decode_and(connection, frame, &Client::change_password);
    case Type::kForget: return decode_and(connection, frame, &Client::forget);
    case Type::kDictionaries: return decode_and(connection, frame, &Client::dictionaries);
    case Type::kResume: return decode_and(connection, frame, &Client::resume);
    case Type::kQuery:  // those are taken in runs
    case Type::kError: break;
  }
  encode_error(connection.output(), frame.id,
               {ErrorCode::kUnknownType,
                "this server knows no request of type " + std::to_string(static_cast<int>(frame.type))});
}

template <typename Message>
void Framed::Client::decode_and(Connection& connection, const wire::Frame& frame,
                                void (Client::*handle)(Connection&, std::uint32_t, const Message&)) {
  const auto message = wire::decode<Message>(frame.fields);
  if (message) {
    (this->*handle)(connection, frame.id, *message);
  } else {
    refuse(connection, frame.id, message.error());
  }
}

void Framed::Client::refuse(Connection& connection, std::uint32_t id, wire::DecodeError error) {
  encode_error(connection.output(), id, {ErrorCode::kBadRequest, std::string(wire::describe(error))});
}

void Framed::Client::on_deadline(Connection& connection, reactor::Deadline which) {
  switch (which) {
    case reactor::Deadline::kWholeRequest: return end(connection, ErrorCode::kIdle, "the rest of a frame did not come");
    case reactor::Deadline::kFirstRequest: return end(connection, ErrorCode::kIdle, "no request came");
    default: return end(connection, ErrorCode::kIdle, "nothing came for too long");
  }
}

void Framed::Client::on_shutdown(Connection& connection) {
  stopping_ = true;
  if (!busy_) end(connection, ErrorCode::kShuttingDown, "the server stops; connect again in a moment");
}

void Framed::Client::end(Connection& connection, ErrorCode code, const char* message) {
  if (!connection.is_open()) return;  // it has had its last answer
  encode_error(connection.output(), kUnasked, {code, message});
  connection.close_when_flushed();
}

// ---- Answers out
// ------------------------------------------------------------------------------------------------

template <typename T, typename Write>
Service::Done<T> Framed::Client::answer_later(Connection& connection, std::uint32_t id, Write write) {
  connection.pause();
  busy_ = true;
  return [&framed = framed_, handle = connection.handle(), id, write](Result<T> result) {
    Connection* const found = framed.connections_.find(handle);
    if (found == nullptr) return;  // gone in the middle of it
    auto& client = static_cast<Client&>(found->handler());
    client.busy_ = false;
    if (found->is_open()) {
      if (!result) {
        encode_error(found->output(), id, result.error());
      } else if constexpr (std::is_void_v<T>) {
        write(client, *found);
      } else {
        write(client, *found, std::move(*result));
      }
      if (client.stopping_) client.on_shutdown(*found);
    }
    found->resume();
  };
}

template <typename Fill>
void Framed::Client::answer(Connection& connection, Type type, std::uint32_t id, Fill fill) const {
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

void Framed::Client::hello(Connection& connection, std::uint32_t id, const wire::HelloRequest& request) {
  if (request.version != wire::kVersion) {
    return encode_error(connection.output(), id,
                        {ErrorCode::kUnsupportedVersion, "this server speaks version 1 of the protocol"});
  }
  wire::encode(connection.output(), id,
               wire::HelloAnswer{wire::kVersion, framed_.options_.server_name, framed_.options_.largest_frame});
}

void Framed::Client::register_user(Connection& connection, std::uint32_t id, const wire::RegisterRequest& request) {
  framed_.service_.register_user(std::string(request.name), std::string(request.password),
                                 answer_later<void>(connection, id, [id](Client&, Connection& to) {
                                   wire::encode(to.output(), id, wire::RegisterAnswer{});
                                 }));
}

void Framed::Client::log_in(Connection& connection, std::uint32_t id, const wire::LoginRequest& request) {
  framed_.service_.log_in(
      connection.peer().host_key(), std::string(request.name), std::string(request.password),
      answer_later<LoggedIn>(connection, id, [id](Client& client, Connection& to, const LoggedIn& logged_in) {
        client.login_ = logged_in.login;
        wire::encode(to.output(), id, wire::LoginAnswer{logged_in.token});
      }));
}

void Framed::Client::resume(Connection& connection, std::uint32_t id, const wire::ResumeRequest& request) {
  framed_.service_.resume(
      request.token,
      answer_later<LoggedIn>(connection, id, [id](Client& client, Connection& to, const LoggedIn& logged_in) {
        client.login_ = logged_in.login;
        wire::encode(to.output(), id, wire::ResumeAnswer{logged_in.name});
      }));
}

void Framed::Client::log_out(Connection& connection, std::uint32_t id, const wire::LogoutRequest& /*request*/) {
  framed_.service_.log_out(login_, answer_later<void>(connection, id, [id](Client& client, Connection& to) {
                             client.login_ = {};
                             wire::encode(to.output(), id, wire::LogoutAnswer{});
                           }));
}

// The look-ups at the front of `bytes`, one at least; says how many bytes they were.
std::size_t Framed::Client::look_up_run(Connection& connection, std::string_view bytes,
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

  framed_.service_.find(std::span(words).first(count));
  const std::uint64_t begin = connection.output_end();
  Ticket ticket = 0;  // of the last that was found
  std::size_t done = 0;
  while (done < count && connection.takes_input()) {
    const auto found = framed_.service_.look_up(login_, done);
    answer_query(connection, queries[done].id, found);
    if (found) ticket = found->ticket;
    ++done;
  }
  if (ticket != 0) {
    connection.hold(ticket);
    framed_.unsettled_.push_back({ticket, connection.handle(), begin, connection.output_end()});
  }
  return queries[done - 1].end;
}

void Framed::Client::answer_query(Connection& connection, std::uint32_t id, const Result<Found>& found) const {
  if (!found) return encode_error(connection.output(), id, found.error());
  answer(connection, wire::QueryAnswer::kType, id, [&found](wire::FrameWriter& writer) {
    writer.put(static_cast<std::uint32_t>(found->entries.size()));
    for (const Entry& entry : found->entries) {
      writer.put(entry.dictionary);
      writer.put(entry.headword);
      writer.put(entry.meaning);
    }
  });
}

void Framed::Client::history(Connection& connection, std::uint32_t id, const wire::HistoryRequest& request) {
  const auto write = [id](const Client& client, Connection& to, const std::vector<Event>& events) {
    client.answer(to, wire::HistoryAnswer::kType, id, [&events](wire::FrameWriter& writer) {
      writer.put(static_cast<std::uint32_t>(events.size()));
      for (const Event& event : events) {
        writer.put(event.number);
        writer.put(event.time_us);
        writer.put(event.word);
      }
    });
  };
  framed_.service_.history(login_, request.limit, request.before,
                           answer_later<std::vector<Event>>(connection, id, write));
}

void Framed::Client::match(Connection& connection, std::uint32_t id, const wire::MatchRequest& request) {
  const auto found = framed_.service_.match(login_, request.strategy, request.word, request.limit);
  if (!found) return encode_error(connection.output(), id, found.error());
  answer(connection, wire::MatchAnswer::kType, id, [&found](wire::FrameWriter& writer) {
    writer.put(static_cast<std::uint32_t>(found->size()));
    for (const Entry& entry : *found) {
      writer.put(entry.dictionary);
      writer.put(entry.headword);
    }
  });
}

void Framed::Client::ping(Connection& connection, std::uint32_t id, const wire::PingRequest& /*request*/) {
  wire::encode(connection.output(), id, wire::PingAnswer{});
}

void Framed::Client::change_password(Connection& connection, std::uint32_t id,
                                     const wire::ChangePasswordRequest& request) {
  framed_.service_.change_password(connection.peer().host_key(), login_, std::string(request.old_password),
                                   std::string(request.new_password),
                                   answer_later<void>(connection, id, [id](Client&, Connection& to) {
                                     wire::encode(to.output(), id, wire::ChangePasswordAnswer{});
                                   }));
}

void Framed::Client::forget(Connection& connection, std::uint32_t id, const wire::ForgetRequest& request) {
  framed_.service_.forget(
      login_, request.event,
      answer_later<std::uint64_t>(connection, id, [id](Client&, Connection& to, std::uint64_t removed) {
        wire::encode(to.output(), id, wire::ForgetAnswer{removed});
      }));
}

void Framed::Client::dictionaries(Connection& connection, std::uint32_t id,
                                  const wire::DictionariesRequest& /*request*/) {
  const auto found = framed_.service_.dictionaries(login_);
  if (!found) return encode_error(connection.output(), id, found.error());
  answer(connection, wire::DictionariesAnswer::kType, id, [&found](wire::FrameWriter& writer) {
    writer.put(static_cast<std::uint32_t>(found->size()));
    for (const Dictionary& dictionary : *found) {
      writer.put(std::string_view(dictionary.name));
      writer.put(std::string_view(dictionary.title));
      writer.put(dictionary.entries);
    }
  });
}

// ---- All clients
// ------------------------------------------------------------------------------------------------

Framed::Framed(Options options, Service& service, reactor::ConnectionSet& connections)
    : options_(std::move(options)), service_(service), connections_(connections) {}

void Framed::accept(std::unique_ptr<reactor::Stream> stream, const reactor::Address& peer) {
  if (connections_.admits(peer)) {
    const auto added = connections_.add(std::move(stream), peer, std::make_unique<Client>(*this), options_.connection);
    if (!added) spdlog::warn("a connection from {} could not be watched, and was closed", peer.text());
    return;
  }
  spdlog::debug("refused a connection from {}: too many", peer.text());
  Buffer refusal;
  encode_error(refusal, kUnasked, {ErrorCode::kOverloaded, "too many connections; try again later"});
  // One try: a socket that was just accepted takes so few bytes, and nobody waits for one that does not.
  (void)stream->write(refusal.view());
  stream->finish();
}

void Framed::settle(const Service::Settled& settled) {
  // From the last to the first, for a refusal has another size than the answer it replaces.
  for (std::size_t left = unsettled_.size(); left > 0; --left) {
    const Unsettled& answers = unsettled_[left - 1];
    if (!settled.is_lost(answers.ticket)) continue;
    Connection* const connection = connections_.find(answers.connection);
    if (connection == nullptr) continue;
    const Buffer refusals = refusals_of(connection->held(answers.begin, answers.end));
    connection->replace_held(answers.begin, answers.end, refusals.view());
  }
  std::erase_if(unsettled_, [&settled](const Unsettled& answers) {
    return answers.ticket <= settled.released || settled.is_lost(answers.ticket);
  });
}

// The same frames, with an error in the place of each answer to a look-up.
Buffer Framed::refusals_of(std::string_view frames) {
  Buffer refusals;
  while (!frames.empty()) {
    const auto frame = reactor::next_frame(frames, {wire::kSmallestFrame, wire::kLargestAnswer});
    const wire::Frame answer = wire::parse_frame(frame.body);
    if (answer.type == wire::QueryAnswer::kType) {
      encode_error(refusals, answer.id, Service::not_recorded());
    } else {
      refusals.append(frames.substr(0, frame.consumed));
    }
    frames.remove_prefix(frame.consumed);
  }
  return refusals;
}

}  // namespace dictd
