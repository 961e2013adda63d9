// Who visits: an id of our own in the shop's storage. No cookie, nothing shared between shops.

const SHOPPER = "splitshelf.shopper";
const SESSION = "splitshelf.session";
const CONSENT = "splitshelf.consent";
const MET = "splitshelf.met";

type Kept = "local" | "session" | "none";

export function uuid(): string {
  // randomUUID is there only where the page came by https; as many random bits will do
  return crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join("-");
}

// Storage may be forbidden, full or absent: then things are remembered for this page only.
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

export class Visitor {
  private known: string | undefined;
  private named = false;
  private choice: string | null | undefined;
  /** Where products were clicked last in this visit. */
  met: Record<string, object | undefined> = attempt(() => JSON.parse(sessionStorage[MET])) ?? {};
  private readonly session = this.remembered(() => sessionStorage, SESSION);

  constructor(private readonly kept: Kept) {
    this.choice = attempt(() => localStorage.getItem(CONSENT));
  }

  /** False where the visitor refused, or asks for privacy by the browser and did not agree. */
  get allowed(): boolean {
    if (this.choice) return this.choice === "granted";
    return !(navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl;
  }

  get ids(): { shopper: string; session?: string } {
    if (!this.allowed) return { shopper: (this.known ??= uuid()) };
    return { shopper: this.shopper(), session: this.session() };
  }

  /** The id of this device, where the shopper goes by the shop's own: what links the two. */
  get device(): string | undefined {
    if (!this.named || this.kept === "none" || !this.allowed) return undefined;
    return this.remembered(() => this.area(), SHOPPER)();
  }

  /** The shop knows who this is: its own id from now on. */
  identify(shopper: string): void {
    this.known = shopper;
    this.named = true;
  }

  consent(choice: "granted" | "denied"): void {
    this.choice = choice;
    attempt(() => localStorage.setItem(CONSENT, choice));
    if (choice === "denied") {
      this.known = undefined;
      this.named = false;
      this.met = {};
      attempt(() => localStorage.removeItem(SHOPPER));
      attempt(() => [SHOPPER, SESSION, MET].forEach((name) => sessionStorage.removeItem(name)));
    }
  }

  /** The shopper clicked a product on a shelf of ours, or elsewhere. */
  clicked(product: string, place?: object): void {
    this.met[product] = place;
    if (this.allowed) attempt(() => (sessionStorage[MET] = JSON.stringify(this.met)));
  }

  private shopper(): string {
    if (this.kept === "none") return (this.known ??= uuid());
    return (this.known ??= this.remembered(() => this.area(), SHOPPER)());
  }

  private area(): Storage {
    return this.kept === "local" ? localStorage : sessionStorage;
  }

  private remembered(area: () => Storage, name: string): () => string {
    let found: string | null | undefined;
    return () => {
      found ??= attempt(() => area().getItem(name));
      if (!found) {
        const made = (found = uuid());
        attempt(() => area().setItem(name, made));
      }
      return found;
    };
  }
}
