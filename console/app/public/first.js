// Runs before anything is drawn, so that a dark page does not begin as a white one.
;(function () {
  var wanted = null
  try {
    wanted = localStorage.getItem('campanario.scheme')
  } catch {
    // a browser that keeps nothing gets what its system says
  }
  var dark = wanted === 'dark' || (wanted !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
