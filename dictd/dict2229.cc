#include "dictd/dict2229.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "dictd/dict_answer.h"
#include "dictd/sasl_plain.h"
#include "dictd/wall_clock.h"

namespace dictd {
namespace {

using dict::append_end_of_text;
using dict::append_lines;
using dict::append_quoted;
using dict::append_status;
using dict::Code;
using dict::Verb;
using reactor::Buffer;
using reactor::Connection;

constexpr std::string_view kOk = "ok";
constexpr std::string_view kPlain = "PLAIN";
// RFC 2229, 3.10.1: what a text is if nothing else is said.
constexpr std::string_view kPlainTextHeader =
    "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n";
constexpr std::string_view kNoDigests =
    "AUTH is not possible here: passwords are kept as Argon2id hashes, which cannot answer its digest; use SASLAUTH "
    "PLAIN";

// What a client is told of an error of the service's, where no code of the protocol says more.
Code code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadRequest: return Code::kBadParameters;
    case ErrorCode::kNotLoggedIn: return Code::kAccessDenied;
    case ErrorCode::kBadCredentials:
    case ErrorCode::kTooManyAttempts: return Code::kWrongCredentials;
    default: return Code::kUnavailable;
  }
}

void append_error(Buffer& output, const Error& error) { append_status(output, code_of(error.code), error.message); }

}  // namespace

// One client's commands, who it is logged in as, and what it asked to be sent.
class Dict2229::DictClient final : public Client {
 public:
  DictClient(Dict2229& front_end, bool plain) : front_end_(front_end), plain_(plain) {}

  [[nodiscard]] bool offers_plain() const { return plain_; }

  std::size_t on_bytes(Connection& connection, std::string_view bytes) override;
  void on_deadline(Connection& connection, reactor::Deadline which) override;

 private:
  void say_shutting_down(Connection& connection) override;
  // The last answer; the connection ends after it.
  static void end(Connection& connection, Code code, std::string_view text);

  void answer(Connection& connection, std::string_view line);
  void dispatch(Connection& connection, Verb verb);
  void define(Connection& connection);
  void match(Connection& connection);
  void write_definitions(Buffer& output, std::span<const Entry> entries);
  void write_matches(Buffer& output, const Headwords& matches);
  void show_databases(Buffer& output);
  void show_strategies(Buffer& output);
  void show_info(Buffer& output);
  void show_server(Buffer& output);
  void status(Buffer& output);
  void help(Buffer& output);
  void authenticate(Connection& connection);
  void log_in(Connection& connection, std::string_view response);
  // Begins a text: the status, and the header that OPTION MIME asks for.
  void begin_text(Buffer& output, Code code, std::string_view text) const;
  static void end_text(Buffer& output);

  Dict2229& front_end_;
  Login login_;
  const bool plain_;              // SASL PLAIN is offered
  bool mime_ = false;             // OPTION MIME
  bool skipping_ = false;         // the rest of a line that was too long
  bool awaits_response_ = false;  // SASLRESP
};

// ---- Commands in ------------------------------------------------------------------------------------------------

std::size_t Dict2229::DictClient::on_bytes(Connection& connection, std::string_view bytes) {
  std::size_t taken = 0;
  while (connection.takes_input()) {
    const std::string_view rest = bytes.substr(taken);
    if (skipping_) {
      const std::size_t end = rest.find('\n');
      if (end == std::string_view::npos) return bytes.size();
      skipping_ = false;
      taken += end + 1;
      continue;
    }
    const dict::Line line = dict::next_line(rest);
    switch (line.status) {
      case dict::Line::Status::kNeedMore: return taken;
      case dict::Line::Status::kTooLong:
        append_status(connection.output(), Code::kBadParameters,
                      "a line has at most " + std::to_string(dict::kMaxLineCharacters) + " characters");
        skipping_ = line.consumed == 0;
        break;
      case dict::Line::Status::kLine: answer(connection, line.text); break;
    }
    taken += line.consumed;
  }
  return taken;
}

void Dict2229::DictClient::answer(Connection& connection, std::string_view line) {
  dict::Command& command = front_end_.command_;
  const auto verb = command.parse(line);
  const bool awaited_response = std::exchange(awaits_response_, false);
  if (!verb) return append_status(connection.output(), verb.error().code, verb.error().reason);
  if (*verb == Verb::kSaslResponse && !awaited_response) {
    return append_status(connection.output(), Code::kBadParameters, "SASLAUTH comes first");
  }
  dispatch(connection, *verb);
}

void Dict2229::DictClient::dispatch(Connection& connection, Verb verb) {
  Buffer& output = connection.output();
  switch (verb) {
    case Verb::kBlank: return;
    case Verb::kDefine: return define(connection);
    case Verb::kMatch: return match(connection);
    case Verb::kShowDatabases: return show_databases(output);
    case Verb::kShowStrategies: return show_strategies(output);
    case Verb::kShowInfo: return show_info(output);
    case Verb::kShowServer: return show_server(output);
    case Verb::kClient: return append_status(output, Code::kOk, kOk);
    case Verb::kStatus: return status(output);
    case Verb::kHelp: return help(output);
    case Verb::kQuit: return end(connection, Code::kClosing, "bye");
    case Verb::kOptionMime: mime_ = true; return append_status(output, Code::kOk, "ok, with MIME headers");
    case Verb::kAuth: return append_status(output, Code::kNotImplemented, kNoDigests);
    case Verb::kSaslAuth: return authenticate(connection);
    case Verb::kSaslResponse: return log_in(connection, front_end_.command_.parameter(0));
  }
}

void Dict2229::DictClient::on_deadline(Connection& connection, reactor::Deadline which) {
  end(connection, Code::kUnavailable,
      which == reactor::Deadline::kWholeRequest ? "the rest of a line did not come" : "nothing came for too long");
}

void Dict2229::DictClient::say_shutting_down(Connection& connection) {
  end(connection, Code::kShuttingDown, "the server stops; connect again in a moment");
}

void Dict2229::DictClient::end(Connection& connection, Code code, std::string_view text) {
  if (!connection.is_open()) return;  // it has had its last answer
  append_status(connection.output(), code, text);
  connection.close_when_flushed();
}

// ---- Looking up -------------------------------------------------------------------------------------------------

void Dict2229::DictClient::define(Connection& connection) {
  Service& service = front_end_.service();
  Buffer& output = connection.output();
  const auto scope = service.scope(front_end_.command_.parameter(0));
  if (!scope) return append_status(output, Code::kNoDatabase, "there is no such database; SHOW DB lists them");
  const std::string_view word = front_end_.command_.parameter(1);
  service.find({&word, 1});
  const auto found = service.look_up(login_, front_end_.options_.look_ups, *scope, 0);
  if (!found) return append_error(output, found.error());
  const std::uint64_t begin = connection.output_end();
  const std::size_t before = output.size();
  write_definitions(output, found->entries);
  if (output.size() - before > front_end_.options_.largest_answer) {
    output.truncate(before);
    append_status(output, Code::kUnavailable, "the definitions are more than this server sends at once");
  }
  if (found->ticket != 0) front_end_.hold(connection, begin, found->ticket);
}

void Dict2229::DictClient::write_definitions(Buffer& output, std::span<const Entry> entries) {
  if (entries.empty()) return append_status(output, Code::kNoMatch, "no match");
  append_status(output, Code::kDefinitions, std::to_string(entries.size()) + " definitions found");
  for (const Entry& entry : entries) {
    const Dictionary& dictionary = *front_end_.service().dictionary(entry.dictionary);
    output.append("151 ");
    append_quoted(output, entry.headword);
    output.append(" ");
    output.append(dictionary.name);
    output.append(" ");
    append_quoted(output, dictionary.title);
    output.append("\r\n");
    if (mime_) {
      append_lines(output,
                   dictionary.mime_header.empty() ? kPlainTextHeader : std::string_view(dictionary.mime_header));
      output.append("\r\n");
    }
    append_lines(output, entry.meaning);
    append_end_of_text(output);
  }
  append_status(output, Code::kOk, kOk);
  front_end_.definitions_ += entries.size();
}

void Dict2229::DictClient::match(Connection& connection) {
  Service& service = front_end_.service();
  Buffer& output = connection.output();
  const dict::Command& command = front_end_.command_;
  const auto scope = service.scope(command.parameter(0));
  if (!scope) return append_status(output, Code::kNoDatabase, "there is no such database; SHOW DB lists them");
  const auto strategy = service.strategy(command.parameter(1));
  if (!strategy) return append_status(output, Code::kNoStrategy, "there is no such strategy; SHOW STRAT lists them");
  service.match(
      login_, front_end_.options_.look_ups, *scope, *strategy, command.parameter(2), front_end_.options_.most_matches,
      answer_later<DictClient, Headwords>(front_end_.connections(), connection,
                                          [](DictClient& client, Connection& to, const Result<Headwords>& matches) {
                                            if (!matches) return append_error(to.output(), matches.error());
                                            client.write_matches(to.output(), *matches);
                                          }));
}

void Dict2229::DictClient::write_matches(Buffer& output, const Headwords& matches) {
  const std::size_t count = matches.entries.size();
  if (count == 0) return append_status(output, Code::kNoMatch, "no match");
  begin_text(output, Code::kMatches,
             std::to_string(count) +
                 (matches.more ? " matches, the first of more; nprefix pages through them" : " matches found"));
  for (const Entry& entry : matches.entries) {
    output.append(entry.dictionary);
    output.append(" ");
    append_quoted(output, entry.headword);
    output.append("\r\n");
  }
  end_text(output);
  front_end_.matches_ += count;
}

// ---- What there is ----------------------------------------------------------------------------------------------

void Dict2229::DictClient::begin_text(Buffer& output, Code code, std::string_view text) const {
  append_status(output, code, text);
  if (mime_) output.append("\r\n");  // a header without lines: plain text in UTF-8
}

void Dict2229::DictClient::end_text(Buffer& output) {
  append_end_of_text(output);
  append_status(output, Code::kOk, kOk);
}

void Dict2229::DictClient::show_databases(Buffer& output) {
  const auto listed = front_end_.service().listed_dictionaries();
  if (listed.empty()) return append_status(output, Code::kNoDatabases, "no databases present");
  begin_text(output, Code::kDatabases, std::to_string(listed.size()) + " databases present");
  for (const Dictionary* const dictionary : listed) {
    output.append(dictionary->name);
    output.append(" ");
    append_quoted(output, dictionary->title);
    output.append("\r\n");
  }
  end_text(output);
}

void Dict2229::DictClient::show_strategies(Buffer& output) {
  begin_text(output, Code::kStrategies, std::to_string(strategies().size()) + " strategies available");
  for (const Strategy& strategy : strategies()) {
    output.append(strategy.name);
    output.append(" ");
    append_quoted(output, strategy.description);
    output.append("\r\n");
  }
  end_text(output);
}

void Dict2229::DictClient::show_info(Buffer& output) {
  const Dictionary* const dictionary = front_end_.service().dictionary(front_end_.command_.parameter(0));
  if (dictionary == nullptr) {
    return append_status(output, Code::kNoDatabase, "there is no such database; SHOW DB lists them");
  }
  begin_text(output, Code::kInformation, "information about " + dictionary->name);
  append_lines(output, dictionary->title);
  append_lines(output, fmt::format("{} headwords\n", dictionary->entries));
  if (!dictionary->members.empty()) {
    for (const std::uint16_t number : dictionary->answers) {
      const Dictionary& member = front_end_.service().dictionaries()[number];
      append_lines(output, fmt::format("  {}: {}\n", member.name, member.title));
    }
  }
  if (!dictionary->info.empty()) {
    output.append("\r\n");
    append_lines(output, dictionary->info);
  }
  end_text(output);
}

void Dict2229::DictClient::show_server(Buffer& output) {
  begin_text(output, Code::kServer, "server information");
  front_end_.write_server(output);
  end_text(output);
}

void Dict2229::DictClient::status(Buffer& output) {
  append_status(output, Code::kStatus,
                fmt::format("{} connections, {} definitions and {} matches so far", front_end_.connections().size(),
                            front_end_.definitions_, front_end_.matches_));
}

void Dict2229::DictClient::help(Buffer& output) {
  begin_text(output, Code::kHelp, "help text");
  for (const dict::Usage& usage : dict::usages()) {
    append_lines(output, fmt::format("{:<30} {}\n", usage.command, usage.description));
  }
  end_text(output);
}

// ---- Logging in -------------------------------------------------------------------------------------------------

void Dict2229::DictClient::authenticate(Connection& connection) {
  Buffer& output = connection.output();
  const dict::Command& command = front_end_.command_;
  if (!std::ranges::equal(command.parameter(0), kPlain, {}, [](char c) { return c & ~0x20; })) {
    return append_status(output, Code::kUnknownMechanism, "there is only the mechanism PLAIN");
  }
  if (!plain_) {
    return append_status(output, Code::kAccessDenied,
                         "a password is not taken over a connection that others can read; use TLS");
  }
  if (command.parameters() > 1) return log_in(connection, command.parameter(1));
  awaits_response_ = true;
  append_status(output, Code::kSendResponse, "send response");
}

void Dict2229::DictClient::log_in(Connection& connection, std::string_view response) {
  auto credentials = parse_sasl_plain(response);
  if (!credentials) {
    return append_status(connection.output(), Code::kBadParameters,
                         "a response is base64 of: NUL, name, NUL, password");
  }
  front_end_.service().accounts().log_in(
      connection.peer().host_key(), credentials->name, std::move(credentials->password), Lasting::kNo,
      answer_later<DictClient, LoggedIn>(front_end_.connections(), connection,
                                         [](DictClient& client, Connection& to, const Result<LoggedIn>& logged_in) {
                                           if (!logged_in) return append_error(to.output(), logged_in.error());
                                           client.login_ = logged_in->login;
                                           append_status(to.output(), Code::kAuthenticated,
                                                         "logged in; look-ups go into your history");
                                         }));
}

// ---- All clients ------------------------------------------------------------------------------------------------

Dict2229::Dict2229(const Options& options, Service& service, reactor::ConnectionSet& connections)
    : FrontEnd(service, connections, options.connection), options_(options) {}

std::unique_ptr<Client> Dict2229::make_client(bool encrypted) {
  return std::make_unique<DictClient>(*this, encrypted || options_.plain_unencrypted);
}

void Dict2229::greet(Connection& connection) {
  const bool plain = static_cast<const DictClient&>(connection.handler()).offers_plain();
  append_status(connection.output(), Code::kBanner,
                fmt::format("{} {} <mime{}> <{}.{}.{}@{}>", options_.host_name, options_.server_name,
                            plain ? ".xplain" : "", ++greeted_, ::getpid(), wall_clock_us(), options_.host_name));
}

void Dict2229::write_too_many(Buffer& output) {
  append_status(output, Code::kUnavailable, "too many connections; try again later");
}

// A hold is of one answer to DEFINE.
Buffer Dict2229::refusals_of(std::string_view /*answers*/) {
  Buffer refusal;
  append_error(refusal, Service::not_recorded());
  return refusal;
}

void Dict2229::write_server(Buffer& output) {
  const auto up = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started_);
  append_lines(output, fmt::format("{} on {}, up {} s\n\n", options_.server_name, options_.host_name, up.count()));
  for (const Dictionary* const dictionary : service().listed_dictionaries()) {
    append_lines(output, fmt::format("{:>10} headwords  {}\n", dictionary->entries, dictionary->name));
  }
}

}  // namespace dictd
