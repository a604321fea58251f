import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const program = join(import.meta.dirname, '../../../bin/campanario')

/** Starts the program in an empty folder, as `make run` does, and tells the tests where it is. Gives what ends it. */
export default async function start(): Promise<() => Promise<void>> {
  const data = mkdtempSync(join(tmpdir(), 'campanario-console-'))
  const server = spawn(program, ['serve', '--data', data, '--listen', '127.0.0.1:0', '--sip', '127.0.0.1:0', '--sandbox-speed', '3', '--drain', '1s', '--log-format', 'json'], {
    env: { ...process.env, LANG: 'en' }, stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the program did not start: ${said}`)), 20_000)
    const hear = (piece: Buffer) => {
      said += piece.toString()
      const url = /^\s+Page\s+(\S+)\/$/m.exec(said)?.[1]
      const key = /^\s+Key\s+(cmp_\S+)$/m.exec(said)?.[1]
      const first = /^\s+Sign in\s+(\S+)$/m.exec(said)?.[1]
      if (!url || !key || !first || !said.includes('Ctrl-C')) return
      process.env.CAMPANARIO_FIRST = first
      process.env.CAMPANARIO_URL = url
      process.env.CAMPANARIO_KEY = key
      clearTimeout(late)
      resolve()
    }
    server.stdout.on('data', hear)
    server.stderr.on('data', (piece: Buffer) => {
      said = (said + piece.toString()).slice(-8000)
    })
    server.once('error', reject)
    void ended.then(() => reject(new Error(`the program ended: ${said}`)))
  })
  return async () => {
    server.kill('SIGTERM')
    await ended
    rmSync(data, { recursive: true, force: true })
  }
}
