#include "serving/r2/request.h"

#include <array>
#include <boost/json.hpp>
#include <limits>

#include "base/hex.h"
#include "base/strings.h"

namespace kiln::serving {
namespace {

namespace json = boost::json;
using Method = R2Request::Method;

struct R2MethodName {
  std::string_view name;
  Method method;
};
constexpr std::array kR2Methods = {R2MethodName{"head", Method::head},
                                   R2MethodName{"get", Method::get},
                                   R2MethodName{"put", Method::put},
                                   R2MethodName{"list", Method::list},
                                   R2MethodName{"delete", Method::remove},
                                   R2MethodName{"createMultipartUpload", Method::begin_upload},
                                   R2MethodName{"uploadPart", Method::put_part},
                                   R2MethodName{"completeMultipartUpload", Method::complete},
                                   R2MethodName{"abortMultipartUpload", Method::abort}};

tl::unexpected<Error> bad_r2(std::string_view what) {
  return fail(Errc::invalid, "Metadata missing or invalid: " + std::string(what), kR2Argument);
}

// One object of the request; the first thing in it that does not fit is the request's error. Numbers that are
// 64 bits long come as texts, and "not said" as the largest of them.
class R2Fields {
 public:
  R2Fields(const json::object& from, Status& status) : from_(from), status_(status) {}

  std::string text(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) return {};
    if (value->is_string()) return std::string(value->get_string());
    bad(name);
    return {};
  }

  std::optional<std::uint64_t> number(std::string_view name) {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    std::uint64_t out = 0;
    bool fits = false;
    if (value->is_string()) {
      const std::optional<std::uint64_t> digits = parse_whole(value->get_string());
      fits = digits.has_value();
      out = digits.value_or(0);
    } else if (value->is_uint64()) {
      out = value->get_uint64();
      fits = true;
    } else if (value->is_int64() && value->get_int64() >= 0) {
      out = static_cast<std::uint64_t>(value->get_int64());
      fits = true;
    }
    if (!fits) bad(name);
    return fits && out != std::numeric_limits<std::uint64_t>::max() ? std::optional(out) : std::nullopt;
  }

  std::optional<TimeMs> time(std::string_view name) {
    const std::optional<std::uint64_t> out = number(name);
    if (out && *out > static_cast<std::uint64_t>(std::numeric_limits<TimeMs>::max())) bad(name);
    return out ? std::optional(static_cast<TimeMs>(*out)) : std::nullopt;
  }

  bool flag(std::string_view name) {
    const json::value* value = find(name);
    return value != nullptr && value->is_bool() && value->get_bool();
  }

  template <typename Take>
  void object(std::string_view name, Take take) {
    const json::value* value = find(name);
    if (value == nullptr) return;
    if (!value->is_object()) return bad(name);
    R2Fields below(value->get_object(), status_);
    take(below);
  }

  // False: there is none.
  template <typename Take>
  bool list(std::string_view name, Take take) {
    const json::value* value = find(name);
    if (value == nullptr) return false;
    if (!value->is_array()) {
      bad(name);
      return false;
    }
    for (const json::value& item : value->get_array()) take(item);
    return true;
  }

  template <typename Take>
  bool objects(std::string_view name, Take take) {
    return list(name, [&](const json::value& item) {
      if (!item.is_object()) return bad(name);
      R2Fields below(item.get_object(), status_);
      take(below);
    });
  }

  void bad(std::string_view name) {
    if (status_) status_ = bad_r2(name);
  }

 private:
  [[nodiscard]] const json::value* find(std::string_view name) const {
    const json::value* value = from_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  const json::object& from_;
  Status& status_;
};

std::optional<std::vector<model::R2Etag>> etags_in(R2Fields& fields, std::string_view name) {
  std::vector<model::R2Etag> out;
  const bool there = fields.objects(name, [&](R2Fields& etag) {
    using Kind = model::R2Etag::Kind;
    const std::string type = etag.text("type");
    if (type == "wildcard") {
      out.push_back({Kind::wildcard, {}});
    } else if (type == "strong" || type == "weak") {
      out.push_back({type == "weak" ? Kind::weak : Kind::strong, etag.text("value")});
    } else {
      etag.bad(name);
    }
  });
  return there && !out.empty() ? std::optional(std::move(out)) : std::nullopt;
}

void read_conditions(R2Fields& fields, R2Request& into) {
  fields.object("onlyIf", [&](R2Fields& only_if) {
    model::R2Conditions& out = into.only_if.emplace();
    out.etag_matches = etags_in(only_if, "etagMatches");
    out.etag_does_not_match = etags_in(only_if, "etagDoesNotMatch");
    out.uploaded_before = only_if.time("uploadedBefore");
    out.uploaded_after = only_if.time("uploadedAfter");
    out.whole_seconds = only_if.flag("secondsGranularity");
  });
}

void read_range(R2Fields& fields, R2Request& into) {
  if (const std::string header = fields.text("rangeHeader"); !header.empty()) {
    into.range = model::read_r2_range(header);
    return;
  }
  fields.object("range", [&](R2Fields& range) {
    into.range = model::R2Range{range.number("offset"), range.number("length"), range.number("suffix")};
  });
}

void read_about(R2Fields& fields, model::R2About& into) {
  fields.objects("customFields", [&](R2Fields& pair) {
    std::string name = pair.text("k");
    into.custom.emplace_back(std::move(name), pair.text("v"));
  });
  fields.object("httpFields", [&](R2Fields& http) {
    for (const auto& [name, field] : model::kR2HttpTexts) into.http.*field = http.text(name);
    into.http.cache_expiry = http.time("cacheExpiry");
  });
  const std::string kept = fields.text("storageClass");
  if (!kept.empty() && !model::is_r2_storage_class(kept)) fields.bad("storageClass");
  if (!kept.empty()) into.storage_class = kept;
}

void read_digests(R2Fields& fields, model::DigestSet& into) {
  for (std::size_t kind = 0; kind < model::kDigestKinds; ++kind) {
    const std::string text = fields.text(model::kDigestNames[kind]);
    if (text.empty()) continue;
    const bool is_md5 = static_cast<model::DigestKind>(kind) == model::DigestKind::md5;
    into[kind] = (is_md5 ? from_base64(text) : from_hex(text)).value_or("");
    if (into[kind].size() != model::kDigestSizes[kind]) fields.bad(model::kDigestNames[kind]);
  }
}

void read_list(R2Fields& fields, R2Request& into) {
  store::R2Listing& out = into.listing;
  out.prefix = fields.text("prefix");
  out.delimiter = fields.text("delimiter");
  out.after = fields.text("startAfter");
  out.cursor = fields.text("cursor");
  fields.list("include", [&](const json::value& item) {
    const std::int64_t which = item.is_int64() ? item.get_int64() : -1;
    if (which < 0 || which > 1) fields.bad("include");
    (which == 0 ? into.lists_http : into.lists_custom) = true;
  });
  constexpr std::uint64_t not_said = 0xffffffff;
  const std::uint64_t limit = fields.number("limit").value_or(not_said);
  out.limit = limit == not_said                       ? model::kMostR2Listed
              : limit <= std::uint64_t{1'000'000'000} ? static_cast<int>(limit)
                                                      : 0;
}

void read_keys(R2Fields& fields, R2Request& into) {
  const bool many = fields.list("objects", [&](const json::value& item) {
    if (!item.is_string()) return fields.bad("objects");
    into.keys.emplace_back(item.get_string());
  });
  if (!many) into.keys.push_back(fields.text("object"));
  if (into.keys.size() > static_cast<std::size_t>(model::kMostR2Deleted)) fields.bad("objects");
}

void read_parts(R2Fields& fields, R2Request& into) {
  fields.objects("parts", [&](R2Fields& part) {
    const std::uint64_t number = part.number("part").value_or(0);
    if (number > static_cast<std::uint64_t>(model::kMostR2Parts)) return part.bad("part");
    into.parts.push_back({static_cast<int>(number), part.text("etag")});
  });
  if (into.parts.size() > static_cast<std::size_t>(model::kMostR2Parts)) fields.bad("parts");
}

void read_part_number(R2Fields& fields, R2Request& into) {
  const std::uint64_t number = fields.number("partNumber").value_or(0);
  if (number < 1 || number > static_cast<std::uint64_t>(model::kMostR2Parts)) return fields.bad("partNumber");
  into.part_number = static_cast<int>(number);
}

Status check_fit(const R2Request& request) {
  if (request.method == Method::list) {
    if (request.listing.limit >= 1 && request.listing.limit <= model::kMostR2Listed) return {};
    return fail(Errc::invalid, "MaxKeys params must be positive integer <= 1000.", kR2MaxKeys);
  }
  if (request.method == Method::remove) {
    for (const std::string& key : request.keys) {
      if (Status fits = model::check_r2_key(key); !fits) return fits;
    }
    return {};
  }
  if (Status fits = model::check_r2_key(request.key); !fits) return fits;
  return model::check_r2_about(request.about);
}

}  // namespace

Result<R2Request> read_r2_request(std::string_view text) {
  boost::system::error_code error;
  const json::value read = json::parse(text, error);
  if (error || !read.is_object()) return bad_r2("it is no JSON object");
  const json::object& from = read.get_object();
  Status status;
  R2Fields fields(from, status);
  const std::string name = fields.text("method");
  R2Request out;
  bool known = false;
  for (const R2MethodName& one : kR2Methods) {
    if (one.name == name) out.method = one.method;
    known = known || one.name == name;
  }
  if (!known) return bad_r2("method");
  if (from.contains("ssec"))
    return fail(Errc::not_offered,
                "Kiln keeps no objects under keys of their callers' own (SSE-C): leave ssecKey out.");
  if (out.method == Method::remove) {
    read_keys(fields, out);
  } else if (out.method == Method::list) {
    read_list(fields, out);
  } else {
    out.key = fields.text("object");
    out.upload_id = fields.text("uploadId");
    read_range(fields, out);
    read_conditions(fields, out);
    read_about(fields, out.about);
    read_digests(fields, out.digests);
    if (out.method == Method::put_part) read_part_number(fields, out);
    if (out.method == Method::complete) read_parts(fields, out);
  }
  if (!status) return tl::unexpected<Error>(status.error());
  if (const Status fits = check_fit(out); !fits) return tl::unexpected<Error>(fits.error());
  return out;
}

}  // namespace kiln::serving
