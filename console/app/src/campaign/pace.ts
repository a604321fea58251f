/** How many were begun by an instant. */
export interface Sample {
  at: number
  begun: number
}

const span = 20_000

/** Begun a minute over the last samples; undefined while these say too little. */
export function paceOf(samples: Sample[]): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last || last.at - first.at < 4000) return undefined
  return Math.max(0, Math.round((60_000 * (last.begun - first.begun)) / (last.at - first.at)))
}

/** The samples with another; those that are too old are gone, and so are all when what was begun became less. */
export function sampled(samples: Sample[], s: Sample): Sample[] {
  const last = samples.at(-1)
  if (last && (s.begun < last.begun || s.at < last.at)) return [s]
  const kept = samples.filter((x) => s.at - x.at <= span)
  // One a second is enough: the stream may bring more.
  return last && s.at - last.at < 1000 && kept.length > 1 ? [...kept.slice(0, -1), s] : [...kept, s]
}
