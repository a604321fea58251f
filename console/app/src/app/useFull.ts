import { useEffect, useState } from 'react'

interface List {
  hasNextPage: boolean
  isFetching: boolean
  isError: boolean
  fetchNextPage: () => unknown
}

/** How many rows are brought at a time. */
const some = 50

/**
 * Goes on with a list whose pages may be short, or empty, because each ends with how much the server looked at: until there
 * are as many rows as somebody wants to see, or the list ends, and no longer than it is looked at. what tells lists apart.
 */
export function useFull(list: List, rows: number, what: string) {
  const [wish, setWish] = useState({ what, rows: some })
  const wanted = wish.what === what ? wish.rows : some
  const looking = list.hasNextPage && rows < wanted && !list.isError
  useEffect(() => {
    if (looking && !list.isFetching) void list.fetchNextPage()
  })
  const fetchNextPage = () => {
    setWish({ what, rows: rows + some })
    if (list.isError) void list.fetchNextPage()
  }
  return { looking, hasNextPage: list.hasNextPage, isFetchingNextPage: looking, fetchNextPage }
}
