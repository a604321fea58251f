/** HTML of somebody else's making: it runs nothing, loads nothing and leads nowhere. */
const guard = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"><base target="_blank"><style>html{background:#fff;color:#111;font-family:sans-serif}body{margin:16px;overflow-wrap:anywhere}</style>`

/** Shows an e-mail as mail programs do. The frame has a world of its own: no scripts, no cookies, no forms, no windows. */
export function MailFrame({ html, title, height = 420 }: { html: string; title: string; height?: number }) {
  return <iframe className="mail-frame" sandbox="" referrerPolicy="no-referrer" srcDoc={guard + html} title={title} style={{ height }} />
}
