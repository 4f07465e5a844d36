// A GitHub in memory that answers over the HttpClient door: check runs, statuses and comments of one
// repository, with faults on demand. For tests; one thread.
#pragma once

#include <boost/json.hpp>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/http_client.h"

namespace kiln::scm {

class FakeGithub {
 public:
  struct Fault {
    int status = 0;             // 0: the connection breaks
    bool takes_effect = false;  // the call is done, and its answer is lost or is this status
    std::vector<std::pair<std::string, std::string>> headers = {};
  };
  std::deque<Fault> faults;                             // of the next calls, in their order
  std::vector<std::string> calls;                       // "POST /repos/acme/shop/check-runs"
  std::map<std::string, boost::json::object> runs;      // by id
  std::map<std::string, boost::json::object> comments;  // by id
  std::vector<boost::json::object> statuses;
  std::string good_token = "t1";
  int tokens_made = 0;
  bool echo = false;   // says which token it refuses
  std::string scopes;  // that the good token is said to have

  Result<HttpResponse> take(const HttpRequest& request) {
    const std::string path = request.url.substr(request.url.find('/', 8));
    calls.push_back(request.method + " " + path.substr(0, path.find('?')));
    if (faults.empty()) return done(request, path);
    const Fault fault = faults.front();
    faults.pop_front();
    if (fault.takes_effect) {
      const Result<HttpResponse> ignored = done(request, path);
      (void)ignored;
    }
    if (fault.status == 0) return fail(Errc::unavailable, "the connection broke");
    return HttpResponse{fault.status, fault.headers, R"({"message":"a fault"})"};
  }

  // The client through which a test reaches it.
  class Client final : public HttpClient {
   public:
    explicit Client(FakeGithub& github) : github_(github) {}
    Result<HttpResponse> send(const HttpRequest& request) override {
      Result<HttpResponse> answer = github_.take(request);
      if (answer && request.on_data) {
        request.on_data(answer->body);
        answer->body.clear();
      }
      return answer;
    }

   private:
    FakeGithub& github_;
  };

 private:
  static HttpResponse say(int status, const boost::json::value& body) {
    return {status, {{"content-type", "application/json"}}, boost::json::serialize(body)};
  }
  static std::string last_part(const std::string& path) {
    const std::string plain = path.substr(0, path.find('?'));
    return plain.substr(plain.rfind('/') + 1);
  }
  static std::string bearer(const HttpRequest& request) {
    for (const auto& [name, value] : request.headers) {
      if (name == "authorization") return value.substr(value.find(' ') + 1);
    }
    return {};
  }

  Result<HttpResponse> done(const HttpRequest& request, const std::string& path) {
    const bool is_for_app = path.ends_with("/installation") || path.ends_with("/access_tokens");
    if (is_for_app) return as_app(path);
    if (bearer(request) != good_token)
      return say(401, {{"message", "Bad credentials" + (echo ? ": " + bearer(request) : std::string())}});
    const boost::json::object body =
        request.body.empty() ? boost::json::object() : boost::json::parse(request.body).as_object();
    if (path == "/user") {
      HttpResponse who = say(200, {{"login", "ada"}});
      if (!scopes.empty()) who.headers.emplace_back("x-oauth-scopes", scopes);
      return who;
    }
    if (path.find("/check-runs") != path.npos) return check_runs(request, path, body);
    if (path.find("/comments") != path.npos) return of_comments(request, path, body);
    if (path.find("/statuses/") != path.npos) {
      statuses.push_back(body);
      return say(201, {{"id", 1}});
    }
    return say(404, {{"message", "Not Found"}});
  }

  HttpResponse as_app(const std::string& path) {
    if (path.ends_with("/installation")) return say(200, {{"id", 77}});
    good_token = "t" + std::to_string(++tokens_made);
    return say(201, {{"token", good_token}, {"expires_at", "2026-01-02T04:04:05Z"}});
  }

  HttpResponse check_runs(const HttpRequest& request, const std::string& path,
                          const boost::json::object& body) {
    if (request.method == "GET" && path.find("/commits/") != path.npos) {
      boost::json::array all;
      for (const auto& [id, run] : runs) all.push_back(run);
      return say(200, {{"total_count", all.size()}, {"check_runs", all}});
    }
    if (request.method == "POST") {
      const std::string id = std::to_string(100 + runs.size());
      runs[id] = body;
      runs[id]["id"] = std::stoi(id);
      return say(201, runs[id]);
    }
    const auto found = runs.find(last_part(path));
    if (found == runs.end()) return say(404, {{"message", "Not Found"}});
    for (const auto& [name, value] : body) found->second[name] = value;
    return say(200, found->second);
  }

  HttpResponse of_comments(const HttpRequest& request, const std::string& path,
                           const boost::json::object& body) {
    if (request.method == "GET") {
      boost::json::array all;
      for (const auto& [id, comment] : comments) all.push_back(comment);
      return say(200, all);
    }
    if (request.method == "POST") {
      const std::string id = std::to_string(500 + comments.size());
      comments[id] = body;
      comments[id]["id"] = std::stoi(id);
      comments[id]["performed_via_github_app"] = boost::json::object{{"id", 12}};
      return say(201, comments[id]);
    }
    const auto found = comments.find(last_part(path));
    if (found == comments.end()) return say(404, {{"message", "Not Found"}});
    found->second["body"] = body.at("body");
    return say(200, found->second);
  }
};

}  // namespace kiln::scm
