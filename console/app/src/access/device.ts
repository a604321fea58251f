const browsers: [RegExp, string][] = [
  [/Edg(?:e|A|iOS)?\//, 'Edge'], [/OPR\/|Opera/, 'Opera'], [/SamsungBrowser\//, 'Samsung Internet'], [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|CriOS\//, 'Chrome'], [/Safari\//, 'Safari'],
]
const systems: [RegExp, string][] = [
  [/iPhone|iPad/, 'iOS'], [/Android/, 'Android'], [/Windows/, 'Windows'], [/Mac OS X|Macintosh/, 'macOS'], [/CrOS/, 'ChromeOS'], [/Linux/, 'Linux'],
]

/** The browser and the system that a User-Agent names; the header itself, cut short, where it names none that we know. */
export function deviceOf(agent: string): string {
  const found = [browsers, systems].map((list) => list.find(([pattern]) => pattern.test(agent))?.[1]).filter(Boolean)
  return found.length > 0 ? found.join(' · ') : agent.slice(0, 60)
}
