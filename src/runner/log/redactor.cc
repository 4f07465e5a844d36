#include "runner/log/redactor.h"

namespace kiln::runner {

void Redactor::write(std::string_view bytes, std::string& out) {
  masked_.clear();
  filtered_.clear();
  raw_.write(bytes, masked_);
  // Where nothing was left out, nor may be of what the first search holds back, that has found all that the
  // second would.
  if (filter_.write(masked_, filtered_) && raw_.is_idle() && shown_.is_idle()) {
    out.append(filtered_);
  } else {
    shown_.write_with_colours(filtered_, out);
  }
}

void Redactor::finish(std::string& out) {
  masked_.clear();
  filtered_.clear();
  raw_.finish(masked_);
  filter_.write(masked_, filtered_);
  filter_.finish(filtered_);
  shown_.write_with_colours(filtered_, out);
  shown_.finish(out);
}

std::string Secrets::mask(std::string_view text) const {
  Redactor redactor(*this);
  std::string out;
  redactor.write(text, out);
  redactor.finish(out);
  return out;
}

}  // namespace kiln::runner
