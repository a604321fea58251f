import { expect, test } from 'vitest'
import { at, gatewaysOf, isSet, patchOf, settingsOf } from './settings'

test('a patch names what was changed and nothing else', () => {
  expect(patchOf({})).toEqual({})
  expect(patchOf({ username: 'ana', 'tls.server_name': '', 'tls.insecure': false, port: 25 })).toEqual({ username: 'ana', tls: { server_name: null, insecure: false }, port: 25 })
})

test('what is taken out of a list leaves none of it behind', () => {
  expect(patchOf({ codecs: ['PCMU'], 'media_ports.min': 22000 })).toEqual({ codecs: ['PCMU'], media_ports: { min: 22000 } })
  expect(patchOf({ codecs: [] })).toEqual({ codecs: null })
})

test('settings are found by their path, secrets only by being there', () => {
  const settings = { password: { set: true }, caller_id: { name: 'Loja' }, gateways: [{ host: 'a' }] }
  expect(at(settings, 'caller_id.name')).toBe('Loja')
  expect(at(settings, 'caller_id.name.x')).toBeUndefined()
  expect([isSet(settings, 'password'), isSet(settings, 'username'), isSet({ password: { set: false } }, 'password')]).toEqual([true, false, false])
  expect(gatewaysOf(settings)).toEqual([{ host: 'a' }])
  expect(gatewaysOf({})).toEqual([])
})

test('no setting is asked for twice', () => {
  for (const all of Object.values(settingsOf)) expect(new Set(all.map((s) => s.path)).size).toBe(all.length)
})
