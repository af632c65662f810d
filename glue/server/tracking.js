/*
 * CLIENT TRACKING: who has read which keys, and is told when they change.
 */
export class Tracking {
  isNeeded = false;

  remember() {}
  end() {}
  noteAll() {}
  noteChange() {}
}
