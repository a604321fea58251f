import { defineConfig } from '@playwright/test'

// Journeys go through the real program on its sandbox: bin/campanario must be there, built with the console.
export default defineConfig({
  testDir: 'journeys',
  globalSetup: './journeys/server.ts',
  outputDir: '../../tmp/journeys',
  reporter: [['line']],
  timeout: 30_000,
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  use: {
    locale: 'pt-BR',
    timezoneId: 'America/Sao_Paulo',
    trace: 'off',
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] },
  },
  projects: [
    { name: 'journeys', testMatch: '*.spec.ts' },
    { name: 'furnish', testMatch: 'furnish.setup.ts' },
    { name: 'screenshots', testMatch: '*.shots.ts', dependencies: ['furnish'] },
  ],
})
