// The dialogue that lets others look at a comparison.

import { $, write } from "../kit/dom.js";
import { announce, attempt } from "../kit/notices.js";
import { addressOf } from "../state/addresses.js";
import * as api from "../state/api.js";

const COPIED = 2000; // ms for which the button says that it has worked

export class Sharing {
  #comparison = null;
  #changed;

  /** @param changed is given the comparison as the server has it after the switch was turned. */
  constructor(changed) {
    this.#changed = changed;
    $("share-on").addEventListener("change", () => this.#turn());
    $("share-copy").addEventListener("click", () => this.#copy());
  }

  open(comparison) {
    this.#show(comparison);
    $("share").showModal();
  }

  #show(comparison) {
    this.#comparison = comparison;
    $("share-on").checked = comparison.shared;
    $("share-link").value = location.origin + addressOf("comparison", comparison.id);
    $("share-link").disabled = $("share-copy").disabled = !comparison.shared;
  }

  async #turn() {
    const answer = await attempt(() => api.share(this.#comparison.id, $("share-on").checked));
    if (answer) this.#changed(answer);
    this.#show(answer ?? this.#comparison);
    if (answer) announce(answer.shared ? "Anyone with the link may look." : "Only you may look.");
  }

  async #copy() {
    $("share-link").select();
    try {
      await navigator.clipboard.writeText($("share-link").value);
      write($("share-copy"), "Copied");
      announce("The link is copied.");
    } catch {
      announce("The link is selected: copy it with Ctrl+C."); // no clipboard, as over plain HTTP
    }
    setTimeout(() => write($("share-copy"), "Copy link"), COPIED);
  }
}
