import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import { recognise } from '@/access/queries'
import { useEntered } from '@/access/session'
import { Refusal } from '@/api/client'
import { Provider } from '@/ui'
import { router } from './routes'

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      // What was refused is refused again; what could not be asked is asked again.
      retry: (failures, error) => !(error instanceof Refusal && error.status < 500) && failures < 3,
    },
  },
})

const SignIn = lazy(() => import('@/access/SignIn'))

export function App() {
  const entered = useEntered()
  useEffect(() => {
    if (entered === undefined) void recognise()
    if (entered === 'nobody') queries.clear() // the next one is not to see what this one saw
  }, [entered])
  return (
    <QueryClientProvider client={queries}>
      <Provider>
        <Suspense>{entered === 'nobody' ? <SignIn /> : entered && <RouterProvider router={router} />}</Suspense>
      </Provider>
    </QueryClientProvider>
  )
}
