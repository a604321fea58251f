import { lazyRouteComponent as lazyRoute } from '@tanstack/react-router'
import { withWords } from '@/locale/language'

/** A page that is loaded when somebody goes there, with all words. */
export const lazyRouteComponent: typeof lazyRoute = (module, name) => lazyRoute(withWords(module), name)

/** A page that may be the first: it says no words but those that are there at once. */
export const firstPage = lazyRoute
