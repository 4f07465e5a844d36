#include "scm/forge/hooks/claimed_words.h"

#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
#include <limits>
#include <map>
#include <memory>

#include "scm/forge/hooks/payload.h"

namespace kiln::scm {
namespace {

using boost::system::error_code;

constexpr std::size_t kLongestWord = 4096;

// One name on the way to a wanted value.
struct Place {
  std::map<std::string, std::unique_ptr<Place>, std::less<>> below;
  std::string* word = nullptr;  // where the value goes; null: it leads further down
  bool is_number = false;
  bool is_object = false;  // what stands there was one

  void forget() {
    is_object = false;
    if (word != nullptr) word->clear();
    for (const auto& [name, place] : below) place->forget();
  }
};

// Follows a stream of JSON events along the places.
class WordHandler {
 public:
  static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

  explicit WordHandler(Place& top) : next_(&top) {}

  bool on_document_begin(error_code& /*error*/) { return true; }
  bool on_document_end(error_code& /*error*/) { return true; }

  bool on_object_begin(error_code& /*error*/) {
    if (next_ != nullptr) next_->is_object = true;
    return open(next_);
  }
  bool on_object_end(std::size_t /*count*/, error_code& /*error*/) { return close(); }
  bool on_array_begin(error_code& /*error*/) { return open(nullptr); }
  bool on_array_end(std::size_t /*count*/, error_code& /*error*/) { return close(); }

  bool on_key_part(std::string_view part, std::size_t /*so_far*/, error_code& /*error*/) {
    if (inside() != nullptr) keep(part);
    return true;
  }
  bool on_key(std::string_view part, std::size_t /*size*/, error_code& /*error*/) {
    next_ = nullptr;
    if (inside() == nullptr) return true;
    keep(part);
    if (const auto found = inside()->below.find(word_); found != inside()->below.end()) {
      next_ = found->second.get();
      next_->forget();
    }
    word_.clear();
    return true;
  }

  bool on_string_part(std::string_view part, std::size_t /*so_far*/, error_code& /*error*/) {
    if (takes(false)) keep(part);
    return true;
  }
  bool on_string(std::string_view part, std::size_t /*size*/, error_code& /*error*/) {
    if (!takes(false)) return true;
    keep(part);
    if (word_.size() <= kLongestWord) *next_->word = word_;
    word_.clear();
    return true;
  }

  bool on_number_part(std::string_view /*part*/, error_code& /*error*/) { return true; }
  bool on_int64(std::int64_t value, std::string_view /*text*/, error_code& /*error*/) {
    if (takes(true)) *next_->word = std::to_string(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, std::string_view /*text*/, error_code& /*error*/) {
    if (takes(true)) *next_->word = std::to_string(value);
    return true;
  }
  bool on_double(double /*value*/, std::string_view /*text*/, error_code& /*error*/) { return true; }
  bool on_bool(bool /*value*/, error_code& /*error*/) { return true; }
  bool on_null(error_code& /*error*/) { return true; }
  bool on_comment_part(std::string_view /*part*/, error_code& /*error*/) { return true; }
  bool on_comment(std::string_view /*part*/, error_code& /*error*/) { return true; }

 private:
  [[nodiscard]] Place* inside() const { return open_.empty() ? nullptr : open_.back(); }
  [[nodiscard]] bool takes(bool number) const {
    return next_ != nullptr && next_->word != nullptr && next_->is_number == number;
  }

  bool open(Place* place) {
    open_.push_back(place);
    next_ = nullptr;
    return true;
  }
  bool close() {
    open_.pop_back();
    next_ = nullptr;
    return true;
  }

  // Of a word that is too long, only that it is too long.
  void keep(std::string_view part) { word_.append(part.substr(0, kLongestWord + 1 - word_.size())); }

  std::vector<Place*> open_;  // what is open now; null: nothing wanted is in it
  Place* next_;               // where the value that comes stands; null: nowhere that is wanted
  std::string word_;
};

void add_place(Place& top, const WantedWord& wanted, std::string& word) {
  Place* at = &top;
  std::string_view rest = wanted.path;
  while (true) {
    const std::size_t dot = rest.find('.');
    std::unique_ptr<Place>& below = at->below[std::string(rest.substr(0, dot))];
    if (!below) below = std::make_unique<Place>();
    at = below.get();
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  at->word = &word;
  at->is_number = wanted.is_number;
}

}  // namespace

Result<std::vector<std::string>> claimed_words(const HookRequest& request,
                                               const std::vector<WantedWord>& wanted) {
  std::string decoded;
  const Result<std::string_view> text = payload_text(request, decoded);
  if (!text) return tl::unexpected<Error>(text.error());
  std::vector<std::string> words(wanted.size());
  Place top;
  for (std::size_t i = 0; i < wanted.size(); ++i) add_place(top, wanted[i], words[i]);
  boost::json::parse_options options;
  options.max_depth = kDeepestPayload;
  boost::json::basic_parser<WordHandler> parser(options, top);
  error_code error;
  const std::size_t read = parser.write_some(false, text->data(), text->size(), error);
  if (error || read != text->size() || !top.is_object)
    return fail(Errc::invalid, "the delivery is not a JSON object", "body");
  for (const auto& [name, place] : top.below) {
    if (place->is_object) return words;
  }
  const std::string root(wanted.front().path.substr(0, wanted.front().path.find('.')));
  return fail(Errc::invalid, fmt::format("the delivery names no {}", root), root);
}

}  // namespace kiln::scm
