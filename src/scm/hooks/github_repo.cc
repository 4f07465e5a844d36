// Finds the repository that a delivery claims to be of. Its body is not verified yet and may be 8 MB of
// anything, so it is walked without building a value of it.
#include <boost/json/basic_parser_impl.hpp>
#include <limits>
#include <string>

#include "scm/hooks/github_payload.h"

namespace kiln::scm {
namespace {

namespace json = boost::json;
using boost::system::error_code;

constexpr std::size_t kLongestWord = 4096;

// Takes repository.id, .full_name and .clone_url out of a stream of JSON events; as with a parsed value, the
// last of several keys of one name counts.
class RepoHandler {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  [[nodiscard]] bool found() const { return found_; }
  [[nodiscard]] const ClaimedRepo& claimed() const { return claimed_; }

  bool on_document_begin(error_code& /*error*/) { return true; }
  bool on_document_end(error_code& /*error*/) { return true; }

  bool on_object_begin(error_code& /*error*/) {
    if (depth_ == 1 && at_repository_) {
      inside_ = true;
      found_ = true;
    }
    return open();
  }
  bool on_object_end(std::size_t /*count*/, error_code& /*error*/) { return close(); }
  bool on_array_begin(error_code& /*error*/) { return open(); }
  bool on_array_end(std::size_t /*count*/, error_code& /*error*/) { return close(); }

  bool on_key_part(std::string_view part, std::size_t /*so_far*/, error_code& /*error*/) {
    if (reads_keys()) keep(part);
    return true;
  }
  bool on_key(std::string_view part, std::size_t /*size*/, error_code& /*error*/) {
    if (!reads_keys()) return true;
    keep(part);
    if (depth_ == 1) {
      at_repository_ = word_ == "repository";
      if (at_repository_) found_ = false;
      if (at_repository_) claimed_ = {};
    } else {
      field_ = field_named(word_);
      if (field_ != nullptr) field_->clear();
    }
    word_.clear();
    return true;
  }

  bool on_string_part(std::string_view part, std::size_t /*so_far*/, error_code& /*error*/) {
    if (reads_value() && field_ != &claimed_.id) keep(part);
    return true;
  }
  bool on_string(std::string_view part, std::size_t /*size*/, error_code& /*error*/) {
    if (!reads_value() || field_ == &claimed_.id) return true;
    keep(part);
    if (word_.size() <= kLongestWord) *field_ = word_;
    word_.clear();
    return true;
  }

  bool on_number_part(std::string_view /*part*/, error_code& /*error*/) { return true; }
  bool on_int64(std::int64_t value, std::string_view /*text*/, error_code& /*error*/) {
    if (reads_value() && field_ == &claimed_.id) claimed_.id = std::to_string(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, std::string_view /*text*/, error_code& /*error*/) {
    if (reads_value() && field_ == &claimed_.id) claimed_.id = std::to_string(value);
    return true;
  }
  bool on_double(double /*value*/, std::string_view /*text*/, error_code& /*error*/) { return true; }
  bool on_bool(bool /*value*/, error_code& /*error*/) { return true; }
  bool on_null(error_code& /*error*/) { return true; }
  bool on_comment_part(std::string_view /*part*/, error_code& /*error*/) { return true; }
  bool on_comment(std::string_view /*part*/, error_code& /*error*/) { return true; }

 private:
  [[nodiscard]] bool reads_keys() const { return depth_ == 1 || (depth_ == 2 && inside_); }
  [[nodiscard]] bool reads_value() const { return depth_ == 2 && inside_ && field_ != nullptr; }

  std::string* field_named(std::string_view name) {
    if (name == "id") return &claimed_.id;
    if (name == "full_name") return &claimed_.full_name;
    if (name == "clone_url") return &claimed_.clone_url;
    return nullptr;
  }

  bool open() {
    ++depth_;
    return true;
  }
  bool close() {
    --depth_;
    if (depth_ == 1) inside_ = false;
    return true;
  }

  // Of a word that is too long, only that it is too long.
  void keep(std::string_view part) { word_.append(part.substr(0, kLongestWord + 1 - word_.size())); }

  std::size_t depth_ = 0;
  bool at_repository_ = false;  // the last key at the top is "repository"
  bool inside_ = false;         // within that object
  bool found_ = false;
  std::string word_;
  std::string* field_ = nullptr;
  ClaimedRepo claimed_;
};

}  // namespace

Result<ClaimedRepo> github_claimed_repo(const GithubDelivery& delivery) {
  std::string decoded;
  const Result<std::string_view> text = payload_text(delivery, decoded);
  if (!text) return tl::unexpected<Error>(text.error());
  json::parse_options options;
  options.max_depth = kDeepestPayload;
  json::basic_parser<RepoHandler> parser(options);
  error_code error;
  const std::size_t read = parser.write_some(false, text->data(), text->size(), error);
  if (error || read != text->size()) return fail(Errc::invalid, "the delivery is not a JSON object", "body");
  if (!parser.handler().found()) return fail(Errc::invalid, "the delivery names no repository", "repository");
  return parser.handler().claimed();
}

}  // namespace kiln::scm
