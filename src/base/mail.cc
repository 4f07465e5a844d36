#include "base/mail.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/curl_call.h"
#include "base/printable.h"
#include "base/url_parts.h"

namespace kiln {
namespace {

constexpr int kTaken = 250;

struct Rest {
  std::string_view text;
};

std::size_t on_read(char* into, std::size_t size, std::size_t count, void* opaque) {
  auto& rest = *static_cast<Rest*>(opaque);
  const std::size_t taken = std::min(size * count, rest.text.size());
  std::memcpy(into, rest.text.data(), taken);
  rest.text.remove_prefix(taken);
  return taken;
}

// Between angle brackets it must stay one word.
bool is_one_word(const std::string& address) {
  return !address.empty() && std::all_of(address.begin(), address.end(), [](unsigned char c) {
    return c > ' ' && c != 0x7f && c != '<' && c != '>';
  });
}

std::string in_angles(const std::string& address) {
  return "<" + address + ">";
}

void set_mail(CURL* curl, const Mail& mail, Rest& rest, char* detail, CurlList& pins) {
  set_common(curl, mail.timeout_ms, mail.ca, mail.resolve, pins, mail.stop);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
  curl_easy_setopt(curl, CURLOPT_URL, mail.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  const bool needs_tls = !mail.user.empty() && !is_loopback_url(mail.url);
  curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(needs_tls ? CURLUSESSL_ALL : CURLUSESSL_TRY));
  if (!mail.user.empty()) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, mail.user.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, mail.password.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, in_angles(mail.from).c_str());
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
  curl_easy_setopt(curl, CURLOPT_READDATA, &rest);
}

}  // namespace

Result<MailAnswer> CurlMailer::send(const Mail& mail) {
  if (!is_one_word(mail.from))
    return fail(Errc::invalid, fmt::format("from: \"{}\" is no mail address", printable(mail.from)), "from");
  if (mail.to.empty()) return fail(Errc::invalid, "to: the mail has nobody to go to", "to");
  for (const std::string& address : mail.to) {
    if (is_one_word(address)) continue;
    return fail(Errc::invalid, fmt::format("to: \"{}\" is no mail address", printable(address)), "to");
  }
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(new_curl(), curl_easy_cleanup);
  if (!curl) return fail(Errc::internal, "libcurl does not start");
  std::array<char, CURL_ERROR_SIZE> detail{};
  Rest rest{mail.message};
  CurlList pins;
  set_mail(curl.get(), mail, rest, detail.data(), pins);
  CurlList to;
  for (const std::string& address : mail.to) to.add(in_angles(address));
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_RCPT, to.get());
  // One that the server does not know keeps nobody else from the mail; it fails where it knows none of them.
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
  const CURLcode result = curl_easy_perform(curl.get());
  if (result == CURLE_OK) return MailAnswer{kTaken, {}};
  const std::string words = detail[0] != '\0' ? detail.data() : curl_easy_strerror(result);
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status >= 400) return MailAnswer{static_cast<int>(status), words};
  return fail(ended_late(result) ? Errc::timeout : Errc::unavailable,
              fmt::format("the mail server: {}", words));
}

}  // namespace kiln
