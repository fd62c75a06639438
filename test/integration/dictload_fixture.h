// What the tests of dictload share: running it on a database of their own, and what is in that then.
#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "test/support/mariadb.h"

namespace words {

struct Ended {
  int status = -1;  // exit code, or minus the signal
  std::string out;
  std::string err;
};

inline std::string contents(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class DictloadTest : public testing::Test {
 protected:
  // Starts dictload with its standard streams; -1 keeps the test's own.
  pid_t start(std::vector<std::string> arguments, int in, int out, int err) const {
    std::vector<std::string> words = {support::build_dir() / "dictload",
                                      "--db-socket",
                                      database_.socket,
                                      "--db-user",
                                      database_.user,
                                      "--db-name",
                                      database_.name};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const int streams[] = {in, out, err};
    for (int fd = 0; fd < 3; ++fd) {
      if (streams[fd] >= 0) posix_spawn_file_actions_adddup2(&actions, streams[fd], fd);
    }
    pid_t pid = -1;
    EXPECT_EQ(posix_spawn(&pid, pointers[0], &actions, nullptr, pointers.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
  }

  static int end_of(pid_t pid) {
    int status = 0;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  Ended run(const std::vector<std::string>& arguments, const std::string& input = "") const {
    const support::TempDir dir;
    std::ofstream(dir.file("in")) << input;
    const int in = open(dir.file("in").c_str(), O_RDONLY | O_CLOEXEC);
    const int out = open(dir.file("out").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const int err = open(dir.file("err").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const int status = end_of(start(arguments, in, out, err));
    for (const int fd : {in, out, err}) close(fd);
    return {status, contents(dir.file("out")), contents(dir.file("err"))};
  }

  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(dir_.file(name), std::ios::binary) << text;
    return dir_.file(name);
  }

  // The words that count, in their order.
  std::string loaded() const {
    return support::run_sql(database_,
                            "SELECT name, title, headword, meaning FROM dictionary JOIN words"
                            " ON dictionary_id = id AND words.edition = dictionary.edition ORDER BY id, position");
  }

  support::TempDir dir_;
  dictd::DatabaseOptions database_ = support::shared_database();
};

}  // namespace words
