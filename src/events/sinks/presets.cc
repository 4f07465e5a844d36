#include "events/sinks/presets.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <string_view>

#include "base/escape.h"
#include "events/sinks/escape.h"

namespace kiln::events {
namespace {

namespace json = boost::json;

struct Colours {
  const char* hex;
  int number;
  const char* word;  // of Teams' cards
};

Colours colours_of(Notice::Mood mood) {
  switch (mood) {
    case Notice::Mood::good:
      return {"#2e7d32", 0x2e7d32, "Good"};
    case Notice::Mood::bad:
      return {"#c62828", 0xc62828, "Attention"};
    case Notice::Mood::neutral:
      break;
  }
  return {"#546e7a", 0x546e7a, "Default"};
}

// Without its links, which chats show in their own way.
std::string body_text(const Notice& notice) {
  Notice without = notice;
  without.build_url.clear();
  without.preview_url.clear();
  return plain_text(without);
}

// As slack_text() would have them, but that these are addresses of our own.
std::string slack_links(const Notice& notice) {
  std::string links;
  if (!notice.build_url.empty()) links = fmt::format("<{}|Build>", notice.build_url);
  if (!notice.preview_url.empty())
    links += fmt::format("{}<{}|Preview>", links.empty() ? "" : "  ·  ", notice.preview_url);
  return links;
}

json::value slack(const Notice& notice) {
  const auto plain = [](const std::string& text) {
    return json::object{{"type", "section"},
                        {"text", {{"type", "plain_text"}, {"text", text}, {"emoji", false}}}};
  };
  json::array blocks{json::object{
      {"type", "section"}, {"text", {{"type", "mrkdwn"}, {"text", "*" + slack_text(notice.title) + "*"}}}}};
  if (const std::string text = body_text(notice); !text.empty()) blocks.push_back(plain(text));
  if (const std::string links = slack_links(notice); !links.empty())
    blocks.push_back(json::object{
        {"type", "context"}, {"elements", json::array{json::object{{"type", "mrkdwn"}, {"text", links}}}}});
  return {{"text", slack_text(notice.title)}, {"blocks", blocks}};
}

std::string markdown_links(const Notice& notice) {
  std::string links;
  if (!notice.build_url.empty()) links = fmt::format("[Build]({})", notice.build_url);
  if (!notice.preview_url.empty())
    links += fmt::format("{}[Preview]({})", links.empty() ? "" : "  ·  ", notice.preview_url);
  return links;
}

std::string markdown_body(const Notice& notice) {
  const std::string links = markdown_links(notice);
  const std::string text = markdown_text(body_text(notice));
  return links.empty() ? text : text + (text.empty() ? "" : "\n") + links;
}

json::value discord(const Notice& notice) {
  json::object embed{{"title", markdown_text(notice.title)},
                     {"description", markdown_body(notice)},
                     {"color", colours_of(notice.mood).number}};
  if (!notice.build_url.empty()) embed["url"] = notice.build_url;
  return json::object{{"embeds", json::array{std::move(embed)}},
                      {"allowed_mentions", json::object{{"parse", json::array()}}}};
}

json::value mattermost(const Notice& notice) {
  json::object attachment{{"fallback", markdown_text(notice.title)},
                          {"color", colours_of(notice.mood).hex},
                          {"title", markdown_text(notice.title)},
                          {"text", markdown_body(notice)}};
  if (!notice.build_url.empty()) attachment["title_link"] = notice.build_url;
  return json::object{{"attachments", json::array{std::move(attachment)}}};
}

json::value teams(const Notice& notice) {
  json::array body{json::object{{"type", "TextBlock"},
                                {"text", markdown_text(notice.title)},
                                {"weight", "Bolder"},
                                {"size", "Medium"},
                                {"color", colours_of(notice.mood).word},
                                {"wrap", true}}};
  if (const std::string text = body_text(notice); !text.empty())
    body.push_back({{"type", "TextBlock"}, {"text", paragraphs(markdown_text(text))}, {"wrap", true}});
  json::array actions;
  const auto open = [&actions](const char* title, const std::string& url) {
    if (!url.empty()) actions.push_back({{"type", "Action.OpenUrl"}, {"title", title}, {"url", url}});
  };
  open("Build", notice.build_url);
  open("Preview", notice.preview_url);
  const json::object card{{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                          {"type", "AdaptiveCard"},
                          {"version", "1.4"},
                          {"body", body},
                          {"actions", actions}};
  json::object attachment{
      {"contentType", "application/vnd.microsoft.card.adaptive"}, {"contentUrl", nullptr}, {"content", card}};
  return json::object{{"type", "message"}, {"attachments", json::array{std::move(attachment)}}};
}

json::value google_chat(const Notice& notice, const Uuid& delivery) {
  json::array widgets;
  if (const std::string text = body_text(notice); !text.empty())
    widgets.push_back(json::object{{"textParagraph", json::object{{"text", html_escape(text)}}}});
  json::array buttons;
  const auto open = [&buttons](const char* title, const std::string& url) {
    if (!url.empty())
      buttons.push_back(
          json::object{{"text", title}, {"onClick", json::object{{"openLink", json::object{{"url", url}}}}}});
  };
  open("Build", notice.build_url);
  open("Preview", notice.preview_url);
  if (!buttons.empty()) widgets.push_back(json::object{{"buttonList", json::object{{"buttons", buttons}}}});
  json::object card{{"header", json::object{{"title", notice.title}}}};
  if (!widgets.empty()) card["sections"] = json::array{json::object{{"widgets", widgets}}};
  return json::object{{"cardsV2", json::array{json::object{{"cardId", delivery.str()}, {"card", card}}}}};
}

// ntfy takes JSON at its root, and the topic in it.
HttpRequest ntfy(const model::SinkSecrets& secrets, const Notice& notice) {
  const std::size_t slash = secrets.url.rfind('/');
  const bool failed = notice.mood == Notice::Mood::bad;
  json::object message{{"topic", secrets.url.substr(slash + 1)},
                       {"title", notice.title},
                       {"message", body_text(notice)},
                       {"priority", failed ? 4 : 3},
                       {"tags", json::array{failed ? "x" : "package"}}};
  if (!notice.build_url.empty()) message["click"] = notice.build_url;
  if (!notice.preview_url.empty())
    message["actions"] =
        json::array{json::object{{"action", "view"}, {"label", "Preview"}, {"url", notice.preview_url}}};
  HttpRequest request;
  request.url = secrets.url.substr(0, slash + 1);
  request.body = json::serialize(message);
  return request;
}

HttpRequest matrix(const model::SinkSecrets& secrets, const Notice& notice, const Uuid& delivery) {
  const std::string text = notice.title + "\n" + plain_text(notice);
  std::string html = "<strong>" + html_escape(notice.title) + "</strong>";
  if (const std::string body = body_text(notice); !body.empty())
    html += "<br>" + line_breaks(html_escape(body));
  if (!notice.build_url.empty())
    html += fmt::format("<br><a href=\"{}\">Build</a>", html_escape(notice.build_url));
  if (!notice.preview_url.empty())
    html += fmt::format(" <a href=\"{}\">Preview</a>", html_escape(notice.preview_url));
  HttpRequest request;
  request.method = "PUT";
  request.url = fmt::format("{}/_matrix/client/v3/rooms/{}/send/m.room.message/{}", secrets.url,
                            url_encode(secrets.room), delivery.str());
  request.body = json::serialize(json::object{{"msgtype", "m.notice"},
                                              {"body", text},
                                              {"format", "org.matrix.custom.html"},
                                              {"formatted_body", html}});
  return request;
}

HttpRequest to_url(const model::SinkSecrets& secrets, const json::value& body) {
  HttpRequest request;
  request.url = secrets.url;
  request.body = json::serialize(body);
  return request;
}

HttpRequest bare_request(model::SinkKind kind, const model::SinkSecrets& secrets, const Notice& notice,
                         const Uuid& delivery) {
  switch (kind) {
    case model::SinkKind::slack:
      return to_url(secrets, slack(notice));
    case model::SinkKind::discord:
      return to_url(secrets, discord(notice));
    case model::SinkKind::teams:
      return to_url(secrets, teams(notice));
    case model::SinkKind::google_chat:
      return to_url(secrets, google_chat(notice, delivery));
    case model::SinkKind::mattermost:
      return to_url(secrets, mattermost(notice));
    case model::SinkKind::ntfy:
      return ntfy(secrets, notice);
    case model::SinkKind::matrix:
      return matrix(secrets, notice, delivery);
    case model::SinkKind::webhook:
    case model::SinkKind::email:
      break;
  }
  return {};
}

}  // namespace

HttpRequest chat_request(model::SinkKind kind, const model::SinkSecrets& secrets, const Notice& notice,
                         const Uuid& delivery) {
  HttpRequest request = bare_request(kind, secrets, notice, delivery);
  if (request.method == "GET") request.method = "POST";
  request.headers.emplace_back("content-type", "application/json");
  if (!secrets.token.empty()) request.headers.emplace_back("authorization", "Bearer " + secrets.token);
  return request;
}

}  // namespace kiln::events
