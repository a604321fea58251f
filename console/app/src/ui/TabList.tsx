import { Tabs, type TabsListProps } from '@mantine/core'
import { useEffect, useRef } from 'react'

/** The heads of tabs, in one row: on a screen that they do not fit on, the one that is open is brought into sight. */
export function TabList({ open, ...rest }: TabsListProps & { open?: string }) {
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const list = row.current
    const tab = open === undefined ? null : list?.querySelector<HTMLElement>('[aria-selected=true]')
    if (list && tab) list.scrollLeft = tab.offsetLeft - (list.clientWidth - tab.offsetWidth) / 2
  }, [open])
  return <Tabs.List ref={row} mb="md" className="tabs" {...rest} />
}
