import { createTheme, type CSSVariablesResolver } from '@mantine/core'

/** Colours are chosen for WCAG AA: 4.5:1 for text on every ground it is used on, in both schemes. */
export const theme = createTheme({
  primaryColor: 'brand',
  primaryShade: { light: 7, dark: 7 },
  colors: {
    brand: ['#e6f7f4', '#c9ece5', '#94dccf', '#63d0bd', '#35b9a2', '#17a58d', '#0d8b76', '#0b7363', '#095c4f', '#06423a'],
    dark: ['#d7dade', '#b4bac1', '#9aa2ab', '#6b737c', '#434a52', '#343a41', '#272c32', '#1d2126', '#15181c', '#0f1114'],
  },
  fontFamily: 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif',
  headings: {
    fontWeight: '650',
    sizes: { h1: { fontSize: '1.5rem', lineHeight: '1.3' }, h2: { fontSize: '1.125rem', lineHeight: '1.4' }, h3: { fontSize: '0.95rem', lineHeight: '1.5' } },
  },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  components: {
    // What is said of a field stands below it, so that fields beside each other stand in one line.
    InputWrapper: { defaultProps: { inputWrapperOrder: ['label', 'input', 'description', 'error'] } },
    // What it puts before the items to be focused at first is no item, which a menu may not hold. Who leaves it is at its button again.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false, returnFocus: true } },
  },
})

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f6f7f9',
    '--mantine-color-text': '#1a1f24',
    '--mantine-color-dimmed': '#56606a',
    '--mantine-color-placeholder': '#646d77',
    '--mantine-color-error': '#b42318',
    '--mantine-color-anchor': '#0b7363',
    '--mantine-color-red-filled': '#c0281c',
    '--mantine-color-red-filled-hover': '#a3180d',
    '--mantine-color-yellow-light': 'color-mix(in srgb, var(--tone-wait) 11%, var(--surface))',
    '--mantine-color-yellow-light-color': '#6b4e00',
    '--mantine-color-orange-light': 'color-mix(in srgb, var(--tone-miss) 11%, var(--surface))',
    '--mantine-color-orange-light-color': '#8a4400',
    '--mantine-color-red-light': 'color-mix(in srgb, var(--tone-bad) 11%, var(--surface))',
    '--mantine-color-red-light-color': '#9c1c12',
    '--mantine-color-gray-light': 'color-mix(in srgb, var(--tone-idle) 11%, var(--surface))',
    '--mantine-color-gray-light-color': '#3d454d',
    '--mantine-color-brand-light': 'color-mix(in srgb, var(--tone-good) 11%, var(--surface))',
    '--mantine-color-brand-light-color': '#095c4f',
    '--surface': '#ffffff',
    '--surface-soft': '#f0f2f4',
    '--line': '#dfe3e7',
  },
  dark: {
    '--mantine-color-body': '#15181c',
    '--mantine-color-text': '#e4e7ea',
    '--mantine-color-dimmed': '#a5adb6',
    '--mantine-color-placeholder': '#98a0a9',
    '--mantine-color-error': '#ff8f85',
    '--mantine-color-anchor': '#63d0bd',
    '--mantine-color-brand-outline': '#63d0bd',
    '--mantine-color-red-outline': '#ff8f85',
    '--mantine-color-red-filled': '#c0281c',
    '--mantine-color-red-filled-hover': '#a3180d',
    '--mantine-color-yellow-light': 'color-mix(in srgb, var(--tone-wait) 15%, var(--surface))',
    '--mantine-color-yellow-light-color': '#f0d080',
    '--mantine-color-orange-light': 'color-mix(in srgb, var(--tone-miss) 15%, var(--surface))',
    '--mantine-color-orange-light-color': '#ffc48a',
    '--mantine-color-red-light': 'color-mix(in srgb, var(--tone-bad) 15%, var(--surface))',
    '--mantine-color-red-light-color': '#ffb4ad',
    '--mantine-color-gray-light': 'color-mix(in srgb, var(--tone-idle) 15%, var(--surface))',
    '--mantine-color-gray-light-color': '#d0d5da',
    '--mantine-color-brand-light': 'color-mix(in srgb, var(--tone-good) 15%, var(--surface))',
    '--mantine-color-brand-light-color': '#8fe0d1',
    '--surface': '#1d2126',
    '--surface-soft': '#272c32',
    '--line': '#343a41',
  },
})
