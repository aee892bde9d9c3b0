// Who uses something that has to be given back. Pure.

/** Gives something back when the last of those who use it has let go of it; whoever made it is the first. */
export class Uses {
  private readonly users: Set<object>;

  constructor(
    maker: object,
    private readonly giveBack: () => void,
  ) {
    this.users = new Set([maker]);
  }

  begin(user: object): void {
    // What has been given back does not come again: whoever begins too late finds out by using it.
    if (this.users.size > 0) this.users.add(user);
  }

  end(user: object): void {
    if (this.users.delete(user) && this.users.size === 0) this.giveBack();
  }
}
