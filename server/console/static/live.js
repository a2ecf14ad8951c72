// The session's page goes on by itself: the server renders each line, this puts it where it belongs.
"use strict";
const story = document.getElementById("story");
if (story) {
  const writing = document.createElement("li"); // what the model is writing now
  const atEnd = () => innerHeight + scrollY >= document.documentElement.scrollHeight - 80;
  const live = new EventSource(story.dataset.live);
  live.onopen = () => { story.dataset.connected = "yes"; };
  live.onerror = () => { story.dataset.connected = "no"; }; // it tries again by itself
  live.addEventListener("item", (e) => {
    const follow = atEnd();
    writing.remove();
    story.insertAdjacentHTML("beforeend", e.data);
    if (follow) scrollTo(0, document.documentElement.scrollHeight);
  });
  live.addEventListener("delta", (e) => {
    const follow = atEnd();
    const delta = JSON.parse(e.data);
    if (!writing.isConnected || writing.dataset.type !== delta.type) {
      writing.className = "item writing " + delta.type;
      writing.dataset.type = delta.type;
      writing.textContent = "";
      story.append(writing);
    }
    writing.append(delta.text);
    if (follow) scrollTo(0, document.documentElement.scrollHeight);
  });
  live.addEventListener("summary", (e) => {
    document.getElementById("summary").innerHTML = e.data;
  });
  live.addEventListener("gone", () => live.close());
}
