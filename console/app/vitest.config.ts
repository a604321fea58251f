import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { words } from './tools/words.ts'

// Tests of the source; with BUILT, those of what was built.
export default defineConfig({
  plugins: [react(), words()],
  resolve: { alias: { '@': join(import.meta.dirname, 'src') } },
  test: { environment: 'happy-dom', include: [process.env.BUILT ? 'tests/**/*.test.ts' : 'src/**/*.test.{ts,tsx}'], testTimeout: 15_000 },
})
