#include "events/sinks/email.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/hex.h"
#include "base/http_date.h"
#include "base/utf8.h"

namespace kiln::events {
namespace {

constexpr std::size_t kBase64Line = 76;   // RFC 2045 6.8
constexpr std::size_t kEncodedWord = 36;  // bytes of text in one word: with the field's name in front, a line
                                          // has at most 76 characters (RFC 2047 2)

std::string folded_base64(std::string_view text) {
  const std::string encoded = to_base64(text);
  std::string out;
  for (std::size_t at = 0; at < encoded.size(); at += kBase64Line)
    out += encoded.substr(at, kBase64Line) + "\r\n";
  return out;
}

// RFC 2047, cut where no character is cut.
std::string encoded_header(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t end = utf8_beginning(text, kEncodedWord).size();
    if (end == 0) end = std::min(kEncodedWord, text.size());
    out += fmt::format("{}=?UTF-8?B?{}?=", out.empty() ? "" : "\r\n ", to_base64(text.substr(0, end)));
    text.remove_prefix(end);
  }
  return out;
}

}  // namespace

Mail mail_of(const model::SinkSecrets& secrets, const Notice& notice, const Uuid& delivery, TimeMs now) {
  Mail mail;
  mail.url = secrets.url;
  mail.ca = secrets.ca;
  mail.user = secrets.user;
  mail.password = secrets.token;
  mail.from = secrets.from;
  mail.to = secrets.to;
  std::string to;
  // One a line: a mail server may refuse lines of more than 998 bytes (RFC 5321, 4.5.3.1.6).
  for (const std::string& address : secrets.to) to += (to.empty() ? "" : ",\r\n ") + address;
  const std::string host = secrets.from.substr(secrets.from.rfind('@') + 1);
  mail.message = fmt::format(
      "Date: {}\r\nFrom: Kiln <{}>\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: <{}@{}>\r\n"
      "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\n{}",
      format_mail_date(now), secrets.from, to, encoded_header(notice.title), delivery.str(), host,
      folded_base64(notice.title + "\n\n" + plain_text(notice) + "\n"));
  return mail;
}

}  // namespace kiln::events
