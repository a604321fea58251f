import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { ask, signIn, sound, url } from './desk'

test('a report is prepared as a workbook, saved, and deleted', async ({ page }) => {
  const { items } = await ask<{ items: { id: string; counts: { total: number } }[] }>('GET', '/campaigns')
  const demo = items.find((c) => c.counts.total === 64)
  await signIn(page)
  await page.goto(`${url()}/campaigns/${demo?.id}`)
  await page.getByRole('button', { name: 'Relatório' }).click()
  await page.getByRole('menuitem', { name: 'Planilha do Excel (XLSX)…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('radio', { name: 'Tentativa' }).check()
  await dialog.getByRole('button', { name: 'Preparar' }).click()
  await expect(dialog.getByText('Pronto', { exact: true })).toBeVisible({ timeout: 20_000 })
  await sound(page)
  const coming = page.waitForEvent('download')
  await dialog.getByRole('button', { name: 'Baixar' }).click()
  const file = await coming
  expect(file.suggestedFilename()).toMatch(/-attempts\.xlsx$/)
  expect(readFileSync(await file.path()).subarray(0, 2).toString()).toBe('PK')
  await dialog.getByRole('button', { name: 'Excluir' }).click()
  await expect(dialog.getByText('Pronto', { exact: true })).toHaveCount(0)
})
