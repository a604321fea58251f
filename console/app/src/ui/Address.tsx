/** A telephone number, which stays on one line, or an e-mail address, which breaks before its @ if it must. */
export function Address({ of }: { of: string }) {
  const at = of.lastIndexOf('@')
  if (at < 0) return <span className="numbers">{of}</span>
  return (
    <span className="mailbox">
      {of.slice(0, at)}
      <wbr />
      {of.slice(at)}
    </span>
  )
}
