/** One tab of this browser acts for all: it holds a lock until it is closed, then another tab gets the lock. */

export class TabLeader {
  /** @param {string} name of the lock @param {LockManager | undefined} locks missing in a page that is not secure */
  constructor(name, locks) {
    this.name = name;
    this.locks = locks;
    this.is_requested = false;
    /** Without locks each tab acts. */
    this.is_leader = locks === undefined;
    /** Called when this tab becomes the leader. */
    this.onLead = () => {};
  }

  /** Request the lock. A page that needs no leader does not, since a lock keeps a page out of the back/forward cache. */
  request() {
    if (this.is_requested || this.locks === undefined) return;
    this.is_requested = true;
    const hold = () => {
      this.#lead();
      return new Promise(() => {});
    };
    this.locks.request(this.name, hold).catch(() => this.#lead());
  }

  #lead() {
    this.is_leader = true;
    this.onLead();
  }
}
