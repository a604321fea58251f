import { useQuery } from '@tanstack/react-query'
import { api, ask } from '@/api/client'

/** Who is signed in, where, and what they may do. */
export function useWhoami() {
  return useQuery({ queryKey: ['whoami'], queryFn: () => ask(api.GET('/api/v1/whoami')), staleTime: 60_000 })
}
