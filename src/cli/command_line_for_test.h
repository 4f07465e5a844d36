// A command line whose server is a script: what it answers is given, what it was asked is kept. One thread.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "base/http_client.h"
#include "base/process.h"
#include "cli/cli.h"
#include "testing/fake_clock.h"
#include "testing/temp_dir.h"

namespace kiln::cli {

inline constexpr const char* kAccount = "0123456789abcdef0123456789abcdef";
inline constexpr const char* kBuild = "11111111-2222-4333-8444-555555555555";

// Answers in the order given and remembers what was asked.
class ScriptedHttp final : public HttpClient {
 public:
  Result<HttpResponse> send(const HttpRequest& request) override {
    asked.push_back(request);
    if (answers.empty()) return fail(Errc::unavailable, "refused");
    HttpResponse response;
    response.status = answers.front().first;
    const std::string body = answers.front().second;
    answers.pop_front();
    if (request.on_data) {
      (void)request.on_data(body);
    } else {
      response.body = body;
    }
    return response;
  }
  std::deque<std::pair<int, std::string>> answers;
  std::vector<HttpRequest> asked;
};

class CommandLine : public ::testing::Test {
 protected:
  void serve() {
    std::ofstream(folder_.path() / "server.json")
        << R"({"account_id":")" << kAccount
        << R"(","api_base_url":"http://127.0.0.1:1/client/v4","pid":1,"version":"1"})";
  }
  int run(const std::vector<std::string>& words) {
    out_.str("");
    return run_to(out_, words);
  }
  int run_to(std::ostream& out, std::vector<std::string> words) {
    words.insert(words.begin(), "kiln");
    std::vector<const char*> argv;
    for (const std::string& word : words) argv.push_back(word.c_str());
    err_.str("");
    Context context{http_, processes_, clock_, out, err_, Style{}, folder_.path(), {}, false, kDone};
    return run_in(context, static_cast<int>(argv.size()), argv.data(), {});
  }

  testing::TempDir folder_;
  ScriptedHttp http_;
  SystemProcesses processes_;
  testing::FakeClock clock_;
  std::ostringstream out_;
  std::ostringstream err_;
};

}  // namespace kiln::cli
