/**
 * This browser's part in the call of an interview: follows the record, and acts for the person.
 *
 * The record says who calls, who answered and whose microphone is meant to be on; this class makes
 * the media follow it, level by level: whatever happened in between, what is now decides. A page
 * takes part only in a call that was rung, answered or taken over in it, also after a reload
 * (session storage); other windows of the same seat show that the call is elsewhere.
 * Counterparts: `call-state.ts`, `call-sources.ts`, `call-line.ts`.
 */
import type { Give } from "./attempts";
import { recallChosen } from "./call-devices";
import type { CallHost } from "./call-host";
import { Hearing, type Played, UNPLAYED } from "./call-hearing";
import { expectedOf, needsOf, othersIn, owedOf, wishesOf } from "./call-others";
import { Leaving } from "./call-leave";
import { MediaLine } from "./call-line";
import { Mutes } from "./call-mutes";
import { Pauses } from "./call-pause";
import { ScreenShare } from "./call-screen";
import { Sources } from "./call-sources";
import {
  type CallChange,
  type CallMedia,
  type CallState,
  type Check,
  type Chosen,
  type Intent,
  type Line,
  type Muted,
  callWith,
  initialCall,
  ofSeat,
  reduceCall,
  watches,
} from "./call-state";
import { Talk } from "./call-talk";
import { MediaTeller } from "./call-teller";
import { CallWindow } from "./call-window";
import { Outcomes } from "./call-outcome";
import { mayBeDone } from "./connection";
import type { Call } from "./protocol.gen";
import { onReturn } from "./return";
import { Store } from "./store";
import { screen as words } from "./strings/screen";

export class CallClient {
  readonly store: Store<CallState, CallChange>;
  readonly screen: ScreenShare;
  readonly #host: CallHost;
  readonly #sources: Sources;
  readonly #pauses: Pauses;
  readonly #line: MediaLine;
  readonly hearing: Hearing;
  readonly #stops: (() => void)[] = [];
  /** The live call as last seen in the record. */
  #call: Call | null = null;
  readonly #outcomes: Outcomes;
  readonly #leaving: Leaving;
  readonly #talk: Talk;
  readonly #window: CallWindow;
  readonly #teller: MediaTeller;
  readonly #mutes: Mutes;
  #wasLive = false;

  constructor(host: CallHost) {
    this.#host = host;
    this.#window = new CallWindow(host.at);
    this.store = new Store(initialCall(recallChosen()), reduceCall);
    this.#outcomes = new Outcomes(host, this.store);
    this.#leaving = new Leaving(this.store, this.#window, this.#outcomes);
    this.#talk = new Talk(this.store, this.#window, (intent) => this.setIntent(intent));
    this.#teller = new MediaTeller(
      () => this.#owed(),
      (meant) => host.connection.command("call:media", meant),
    );
    const changed = () => {
      this.#sources.mute();
      void this.#line.send();
      this.#teller.tell();
    };
    this.#sources = new Sources(
      this.store,
      () => needsOf(this.store.state, this.#takesPart() ? this.#call : null, this.#watches()),
      changed,
    );
    const wishes = () => wishesOf(this.#call, this.#others(), this.store.state);
    this.#pauses = new Pauses(this.store, wishes, changed);
    this.screen = new ScreenShare({
      store: this.store,
      window: this.#window,
      send: () => this.#line.send(),
      changed: () => this.#teller.tell(),
    });
    this.#mutes = new Mutes(host.at.seat, (muted) => this.#muted(muted));
    this.hearing = new Hearing(
      (told) => host.connection.signal("call:hearing", told),
      this.store.dispatch,
    );
    this.#line = new MediaLine({
      offer: (offer) => host.connection.ask("call:offer", offer),
      servers: () => host.connection.ask("call:servers", {}),
      tracks: () => ({ ...this.#sources.tracks, ...this.screen.tracks }),
      people: () => this.#call?.people.length ?? 2,
      watches: () => this.#watches(),
      expected: () => expectedOf(this.#others(), this.store.state),
      linked: () => this.#linked(),
      recorded: () => this.#linked() && (this.#mine()?.connected ?? false),
      played: (played) => this.#played(played),
      strained: (uplink) => this.#watches() || this.#pauses.look(uplink),
      dispatch: (change) => {
        this.store.dispatch(change);
        if (change.type === "line") this.#sources.mute();
        if (change.type === "declined") this.#pauses.settle();
      },
      hurry: (hasty) => host.connection.hurry(hasty),
    });
  }

  /** Begins to follow the record. */
  open(): void {
    this.#window.open((call) => {
      if (call === this.#call?.call) this.#release();
    });
    const { meant } = this.#window;
    if (meant !== null) this.store.dispatch({ type: "intent", intent: meant });
    this.#teller.open();
    this.#sources.open();
    this.#stops.push(
      this.#host.store.subscribe(this.#follow),
      this.#host.connection.on("call:renegotiate", ({ rebuild, audio, video }) =>
        this.#line.renegotiate(rebuild, { audio, video }),
      ),
      this.#host.connection.on("call:heard", (heard) => this.hearing.heard(heard)),
      onReturn(() => this.#linked() && void this.#line.recheck()),
    );
    this.#follow();
  }

  close(): void {
    for (const end of this.#stops.splice(0)) end();
    this.#teller.close();
    this.#leaving.close();
    this.#window.close();
    this.#line.stop();
    this.hearing.stop();
    this.#sources.close();
    void this.screen.stop();
  }

  // ---------------------------------------------------------------- what the person does

  /** Opens the device check; nothing is sent to anybody. */
  prepare(check: Check): void {
    this.store.dispatch({ type: "check", check });
    const intent = { microphone: true, camera: check.media === "video" };
    if (check.purpose !== "settings") this.#mean(intent);
    void this.#sources.settle();
  }

  /** Closes the device check; outside of a call all devices are given back. */
  dismiss(): void {
    if (this.#outcomes.unsure) this.#window.drop();
    this.store.dispatch({ type: "check", check: null });
    if (this.#takesPart()) void this.#sources.settle();
    else this.#sources.giveBack();
  }

  /** Goes on without what the browser has not given us. */
  skip(): void {
    this.#sources.skip();
    this.#teller.tell();
  }

  setIntent(intent: Partial<Intent>): void {
    if (intent.microphone !== undefined) this.#talk.end();
    this.#mean(intent);
    if (this.#takesPart()) this.#window.mean(this.store.state.intent);
    this.#pauses.settle();
    this.#sources.mute();
    this.#teller.tell();
    void this.#sources.settle();
  }

  /** The microphone is on while this is held, if it was off; whether that means anything now. */
  talk(talking: boolean): boolean {
    return this.#talk.hold(talking);
  }

  async choose(chosen: Partial<Chosen>): Promise<void> {
    await this.#sources.choose(chosen);
    this.#teller.tell();
  }

  /** Sends and gets no pictures, to save data; or does again, even over a slow connection. */
  setSoundOnly(soundOnly: boolean): void {
    this.#pauses.choose(soundOnly);
  }

  async ring(media: CallMedia): Promise<void> {
    this.#window.begin(this.store.state.intent);
    await this.give("call:ring", { media });
  }

  /** Takes part here as soon as the record says that the person does. */
  expect(intent: Intent): void {
    this.store.dispatch({ type: "intent", intent });
    this.#window.begin(this.store.state.intent);
    this.#follow();
  }

  /** Answers; what was set in the device check stays, else `intent` says what is switched on. */
  async accept(intent: Intent): Promise<void> {
    this.expect(intent);
    await this.give("call:accept", {});
  }

  async decline(reason: string): Promise<void> {
    await this.give("call:decline", { reason });
  }

  /** Gives a command, and says why it was not done; where it may have been, the record will tell. */
  readonly give: Give = async (name, payload) => {
    const outcome = await this.#outcomes.give(name, payload);
    this.#outcomes.take(outcome);
    if (!outcome.ok && !mayBeDone(outcome)) this.#window.drop();
    return outcome;
  };

  /** Hangs up. Nothing of ours goes out from this moment on, whatever the server answers. */
  async leave(): Promise<void> {
    this.#release();
    await this.#leaving.begin(this.#call?.call);
  }

  /** Takes part here instead of in the other window or on the other device. */
  takeOver(): void {
    if (this.#call === null) return;
    this.#leaving.cancel();
    this.#window.claim(this.#call.call);
    this.#join(this.#call, { adopt: true });
  }

  /** Tries again after a failure. */
  retry(): void {
    this.#line.start();
  }

  /** Loudness of the own microphone, 0 to 1. */
  ownLevel(): number {
    return this.#sources.level();
  }

  /** Loudness of somebody else, 0 to 1. */
  levelOf(seat: string): number {
    const stream = ofSeat(this.store.state.remote, this.#call, seat);
    return stream === undefined ? 0 : this.#line.level(stream);
  }

  // ---------------------------------------------------------------- following the record

  readonly #follow = (): void => {
    const { view, link } = this.#host.store.state;
    const call = link.kind === "over" ? null : callWith(view, this.#host.at.seat);
    if (this.#call !== null && call?.call !== this.#call.call) this.#over();
    if (this.store.state.check !== null && view !== null && view.phase !== "open") this.dismiss();
    this.#call = call;
    if (view !== null) this.#mutes.follow(view);
    this.#outcomes.follow();
    if (this.#call !== null) this.#inCall(this.#call);
    this.#relive(link.kind === "live");
  };

  /** What was not told while there was no connection is told when there is one again. */
  #relive(live: boolean): void {
    if (live && !this.#wasLive) {
      if (this.store.state.leaving !== null) void this.#leaving.tell();
      this.#teller.tell();
      void this.#line.recheck();
    }
    this.#wasLive = live;
  }

  #inCall(call: Call): void {
    if (this.#window.begins && this.#mine() !== undefined) {
      this.#window.claim(call.call);
      this.store.dispatch({ type: "check", check: null });
      if (call.phase === "active") this.#join(call, { adopt: false });
    }
    if (!this.#window.claimed(call.call)) {
      this.#leaving.follow(call.call);
      if (call.phase === "active" && this.#line.line.kind === "idle") {
        this.#line.stop({ kind: "elsewhere" });
      }
      return;
    }
    if (call.phase === "active" && this.#line.line.kind === "idle") {
      this.#join(call, { adopt: this.store.state.microphone.kind === "off" });
    }
    if (call.media === "audio") void this.screen.stop(words.voiceOnly);
    if (call.media === "audio" && this.store.state.intent.camera) this.setIntent({ camera: false });
    void this.#line.resize();
    this.#pauses.settle();
    this.#teller.tell();
    this.#forgetTold();
  }

  /** What the record says of us by now, a reload need not remember. */
  #forgetTold(): void {
    if (owedOf(this.store.state, this.#call, this.#mine()) === null) this.#window.told();
  }

  /** Takes part with media. `adopt`: as the record says that the person meant, once it is told. */
  #join(call: Call, { adopt }: { readonly adopt: boolean }): void {
    const mine = this.#mine();
    if (adopt && mine !== undefined && this.#window.meant === null) {
      const may = (what: keyof Intent) => mine[what] && !this.#window.passing(what);
      const microphone = may("microphone") && !this.#window.passing("talking");
      this.#talk.end();
      this.store.dispatch({ type: "sound-only", soundOnly: mine.pause?.why === "chosen" });
      this.store.dispatch({ type: "intent", intent: { microphone, camera: may("camera") } });
      this.screen.recall();
    }
    this.#window.announce(call.call);
    this.#pauses.reset();
    this.#line.start();
    void this.#sources.settle();
  }

  /** Nothing of ours goes out any more; `then`: the call may go on, but not here. */
  #release(then: Line = { kind: "elsewhere" }): void {
    this.#talk.end();
    this.#window.unclaim();
    this.#line.stop(then);
    this.hearing.stop();
    this.#sources.giveBack();
    void this.screen.stop();
  }

  /** The call is over. One that only rang here takes nothing from a call that the person begins. */
  #over(): void {
    const { check } = this.store.state;
    const rang = this.#mine() === undefined;
    if (!rang || this.#outcomes.unsure) this.#window.drop();
    if (rang && check !== null && check.purpose !== "answer") return;
    this.#release({ kind: "idle" });
    this.#leaving.cancel();
    this.store.dispatch({ type: "over" });
  }

  /** What the record is to say of our media; null where it does, or cannot be told. */
  #owed() {
    if (!this.#takesPart() || this.#watches() || !this.#linked()) return null;
    return owedOf(this.store.state, this.#call, this.#mine());
  }

  #mean(intent: Partial<Intent>): void {
    this.store.dispatch({ type: "intent", intent });
    // Wanting it again is asking for it again.
    for (const which of ["microphone", "camera"] as const) {
      if (intent[which] === true) this.#sources.forgive(which);
    }
  }

  /** Tells the others what this browser plays of them. */
  #played(played: { readonly [stream: string]: Played }): void {
    for (const { seat } of this.#others()) {
      this.hearing.played(seat, ofSeat(played, this.#call, seat) ?? UNPLAYED);
    }
  }

  #others() {
    return othersIn(this.#call, this.#host.at.seat);
  }

  /** Somebody else switched something of ours off: it is off at once, whatever was meant. */
  #muted(muted: Muted): void {
    if (muted.kind === "screen") void this.screen.stop();
    else this.setIntent({ [muted.kind]: false });
    this.store.dispatch({ type: "muted", muted });
  }

  #watches(): boolean {
    return watches(this.#host.store.state.view, this.#host.at.seat);
  }

  #linked(): boolean {
    return this.#host.store.state.link.kind === "live";
  }

  /** Whether this page is the one that is in the call, or calls. */
  #takesPart(): boolean {
    return this.#call !== null && this.#window.claimed(this.#call.call);
  }

  #mine() {
    return this.#call?.people.find(({ seat }) => seat === this.#host.at.seat);
  }
}
