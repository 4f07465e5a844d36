// What a runner tells of a build's story, as a part of its messages. Pure; any thread.
#pragma once

#include <boost/json/object.hpp>

#include "model/build_story.h"
#include "wire/message_reader.h"

namespace kiln::wire {

//   {steps: [{attempt…}], tools: [[name, version]…], caches: [{kind, restored, kept, bytes?}…]}
[[nodiscard]] boost::json::object story_json(const model::StoryNotes& notes);
// Of the field "story" of a message, which may be left out; what is wrong is the reader's to say.
[[nodiscard]] model::StoryNotes read_story(MessageReader& reader);

}  // namespace kiln::wire
