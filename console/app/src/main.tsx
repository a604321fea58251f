import { createRoot } from 'react-dom/client'
import { App } from '@/app/App'
import { begin } from '@/locale/language'

await begin()
const root = document.getElementById('root')
if (root) createRoot(root).render(<App />)
