import { useEffect, useRef, useState } from 'react'
import { follow, type ServerEvent } from './events'

/** Hears a stream of the server's for as long as a page is looked at; whether it is heard at this moment. */
export function useStream(path: string, heard: (e: ServerEvent) => void): boolean {
  const [on, setOn] = useState<string>()
  const latest = useRef(heard)
  useEffect(() => {
    latest.current = heard
  })
  useEffect(() => {
    const end = new AbortController()
    void follow(
      path,
      (e) => {
        setOn(path)
        latest.current(e)
      },
      end.signal,
      () => setOn(undefined),
    )
    return () => end.abort()
  }, [path])
  return on === path
}
