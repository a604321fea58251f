import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { words } from './tools/words.ts'

const out = '../site/dist'

/**
 * What every page stands on is one file: left to itself, the bundler cuts it into as many as there are sets of pages that use
 * a part of it, and each page that is added makes the first one heavier.
 */
const base = new RegExp(
  'node_modules/(?:react|react-dom|scheduler|clsx|use-sync-external-store|openapi-fetch|@floating-ui/[^/]+|@tanstack/[^/]+|@mantine/core/esm/(?:core|components/(?:' +
    'ActionIcon|Alert|Burger|Button|CloseButton|FocusTrap|Group|Input|InputBase|Loader|Menu|NativeSelect|Overlay|Popover|Portal|SimpleGrid|Skeleton|Stack|Text|TextInput|' +
    'Title|Transition|UnstyledButton|VisuallyHidden)))/',
)

/** Writes every text of the build compressed beside itself: the server does not compress anything. */
function compressed(): Plugin {
  const visit = (folder: string) => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name)
      if (statSync(path).isDirectory()) visit(path)
      else if (/\.(js|css|html|svg|json|md)$/.test(name)) {
        const plain = readFileSync(path)
        if (plain.length < 500) continue
        writeFileSync(`${path}.gz`, gzipSync(plain, { level: 9 }))
        writeFileSync(`${path}.br`, brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
      }
    }
  }
  return { name: 'compressed', apply: 'build', closeBundle: () => visit(out) }
}

export default defineConfig({
  plugins: [react(), words(), compressed()],
  resolve: { alias: { '@': join(import.meta.dirname, 'src') } },
  build: {
    outDir: out,
    emptyOutDir: true,
    manifest: 'manifest.json',
    license: { fileName: 'licences.md' },
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'base', test: base }] } } },
  },
  server: { proxy: { '/api': process.env.CAMPANARIO_SERVER ?? 'http://127.0.0.1:8080' } },
})
