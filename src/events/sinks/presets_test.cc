#include "events/sinks/presets.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/hex.h"
#include "events/sinks/email.h"
#include "events/sinks/escape.h"

namespace kiln::events {
namespace {

namespace json = boost::json;

const Uuid kDelivery = *Uuid::parse("5f1c9a52-8d0e-4b77-9a3c-6f2e1d4c8b90");

Notice failed() {
  Notice notice;
  notice.mood = Notice::Mood::bad;
  notice.title = "shop: the build of <!channel> failed";
  notice.sentence = "Failed: error occurred while running build command";
  notice.branch = "feat/*x*";
  notice.commit = "9fceb02";
  notice.message = "@everyone & <script>";
  notice.author = "Ada";
  notice.build_url = "https://kiln.example/b";
  notice.preview_url = "https://p.example";
  return notice;
}

json::object body_of(model::SinkKind kind, const char* url) {
  model::SinkSecrets secrets;
  secrets.url = url;
  return json::parse(chat_request(kind, secrets, failed(), kDelivery).body).as_object();
}

TEST(Presets, OfSlackMentionNobodyAndLinkOurOwn) {
  const json::object body = body_of(model::SinkKind::slack, "https://hooks.slack.example/T/B/x");
  EXPECT_EQ(body.at("text"), "shop: the build of &lt;!channel&gt; failed");
  const json::array& blocks = body.at("blocks").as_array();
  EXPECT_EQ(blocks.at(1).at("text").at("type"), "plain_text");
  EXPECT_EQ(blocks.at(2).at("elements").at(0).at("text"),
            "<https://kiln.example/b|Build>  ·  <https://p.example|Preview>");
}

TEST(Presets, OfDiscordAndMattermostEscapeMarkup) {
  const json::object discord = body_of(model::SinkKind::discord, "https://discord.example/x");
  const json::value& embed = discord.at("embeds").at(0);
  EXPECT_NE(std::string(embed.at("description").as_string()).find("feat/\\*x\\*"), std::string::npos);
  EXPECT_TRUE(discord.at("allowed_mentions").at("parse").as_array().empty());
  EXPECT_EQ(embed.at("url"), "https://kiln.example/b");
  const json::object mattermost = body_of(model::SinkKind::mattermost, "https://mm.example/hooks/x");
  const std::string text(mattermost.at("attachments").at(0).at("text").as_string());
  EXPECT_EQ(text.find("@everyone"), std::string::npos);
  EXPECT_NE(text.find("[Preview](https://p.example)"), std::string::npos);
}

TEST(Presets, OfCardsHaveButtons) {
  const json::object teams = body_of(model::SinkKind::teams, "https://teams.example/x");
  const json::value& card = teams.at("attachments").at(0).at("content");
  EXPECT_EQ(card.at("type"), "AdaptiveCard");
  EXPECT_EQ(card.at("actions").at(1).at("url"), "https://p.example");
  EXPECT_EQ(card.at("body").at(0).at("color"), "Attention");
  const json::object google = body_of(model::SinkKind::google_chat, "https://chat.example/x");
  const json::value& widgets = google.at("cardsV2").at(0).at("card").at("sections").at(0).at("widgets");
  EXPECT_NE(std::string(widgets.at(0).at("textParagraph").at("text").as_string()).find("&lt;script&gt;"),
            std::string::npos);
  EXPECT_EQ(widgets.at(1).at("buttonList").at("buttons").at(0).at("onClick").at("openLink").at("url"),
            "https://kiln.example/b");
}

TEST(Presets, OfNtfyGoToTheRootWithTheTopic) {
  model::SinkSecrets secrets;
  secrets.url = "https://ntfy.example/builds";
  secrets.token = "tk";
  const HttpRequest request = chat_request(model::SinkKind::ntfy, secrets, failed(), kDelivery);
  EXPECT_EQ(request.url, "https://ntfy.example/");
  const json::object body = json::parse(request.body).as_object();
  EXPECT_EQ(body.at("topic"), "builds");
  EXPECT_EQ(body.at("priority"), 4);
  EXPECT_EQ(body.at("tags"), (json::array{"x"}));
  EXPECT_EQ(request.headers.back(), (std::pair<std::string, std::string>("authorization", "Bearer tk")));
}

TEST(Presets, OfMatrixAreTheSameTransactionEachTime) {
  model::SinkSecrets secrets;
  secrets.url = "https://matrix.example";
  secrets.room = "!abc:matrix.example";
  const HttpRequest request = chat_request(model::SinkKind::matrix, secrets, failed(), kDelivery);
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.url,
            "https://matrix.example/_matrix/client/v3/rooms/%21abc%3Amatrix.example/send/m.room.message/"
            "5f1c9a52-8d0e-4b77-9a3c-6f2e1d4c8b90");
  const std::string html(json::parse(request.body).at("formatted_body").as_string());
  EXPECT_EQ(html.find("<script>"), std::string::npos);
}

TEST(Mail, IsOneMessageWhateverTheTitle) {
  Notice notice = failed();
  notice.title =
      "shöp\r\nBcc: x@example.org: the build of a branch with a very long name indeed failed again";
  model::SinkSecrets secrets;
  secrets.from = "kiln@example.org";
  secrets.to = {"a@example.org", "b@example.org"};
  const Mail mail = mail_of(secrets, notice, kDelivery, 1'445'412'480'000);
  const std::string head = mail.message.substr(0, mail.message.find("\r\n\r\n"));
  EXPECT_EQ(head.find("Bcc"), std::string::npos);
  EXPECT_NE(head.find("Date: Wed, 21 Oct 2015 07:28:00 +0000\r\n"), std::string::npos);
  EXPECT_NE(head.find("To: a@example.org,\r\n b@example.org\r\n"), std::string::npos);
  EXPECT_NE(head.find("Message-ID: <5f1c9a52-8d0e-4b77-9a3c-6f2e1d4c8b90@example.org>"), std::string::npos);
  for (std::size_t at = 0; at < mail.message.size();) {
    const std::size_t end = mail.message.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - at, 78U);
    at = end + 2;
  }
}

TEST(Notices, SayOfABuildWhatTheEventSays) {
  const json::object event{
      {"type", "cf.workersBuilds.worker.build.failed"},
      {"source", json::object{{"workerName", "shop"}}},
      {"payload", json::object{{"buildOutcome", "failure"},
                               {"buildTriggerMetadata", json::object{{"branch", "main"},
                                                                     {"commitHash", "9fceb02d0ae598e95dc9"},
                                                                     {"commitMessage", "Fix\n\nmore"},
                                                                     {"author", "Ada"}}}}}};
  model::BuildReport report;
  report.state = model::ReportState::failure;
  report.sentence = "Failed: so";
  report.log_tail = "fine\nError: no such module\nmore";
  report.build_url = "https://kiln.example/b";
  const Notice notice = notice_of(event, &report);
  EXPECT_EQ(notice.title, "shop: the build of main failed");
  EXPECT_EQ(notice.commit, "9fceb02");
  EXPECT_EQ(notice.message, "Fix");
  EXPECT_EQ(notice.first_error, "Error: no such module");
  EXPECT_EQ(notice.sentence, "Failed: so");
  EXPECT_EQ(notice_of({{"type", "kiln.sink.test"}}, nullptr).title, "This sink can be reached.");
}

TEST(Notices, OfAnEarlierEventDoNotTellTheEnd) {
  const json::object event{{"type", "cf.workersBuilds.worker.build.started"},
                           {"source", json::object{{"workerName", "shop"}}},
                           {"payload", json::object{{"buildOutcome", nullptr}}}};
  model::BuildReport report;
  report.state = model::ReportState::failure;
  report.sentence = "Failed: so";
  EXPECT_EQ(notice_of(event, &report).sentence, "");
}

}  // namespace
}  // namespace kiln::events
