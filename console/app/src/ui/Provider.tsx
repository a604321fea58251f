import '@mantine/core/styles/baseline.css'
import '@mantine/core/styles/default-css-variables.css'
import '@mantine/core/styles/global.css'
import './kit.css'
import './base.css'

import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import type { ReactNode } from 'react'
import { ConfirmProvider } from './Confirm'
import { theme, variables } from './theme'

const scheme = localStorageColorSchemeManager({ key: 'campanario.scheme' })

/** What everything drawn stands in: colours, toasts, questions. */
export function Provider({ children }: { children: ReactNode }) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} colorSchemeManager={scheme} defaultColorScheme="auto">
      <ConfirmProvider>{children}</ConfirmProvider>
    </MantineProvider>
  )
}
