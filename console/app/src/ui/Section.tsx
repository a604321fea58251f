import { Box, Group, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

/** A part of a page on a card: its title, what it is about, and what can be done with all of it. */
export function Section({ title, about, actions, children }: { title: string; about?: ReactNode; actions?: ReactNode; children?: ReactNode }) {
  return (
    <Box component="section" className="card" p={{ base: 'md', sm: 'lg' }}>
      <Stack gap="md">
        <Group justify="space-between" align="flex-start" gap="sm">
          <Stack gap={2} style={{ minWidth: 0, flex: '1 1 240px' }}>
            <Title order={2}>{title}</Title>
            {about && (
              <Text size="sm" c="dimmed" component="div" maw={680}>
                {about}
              </Text>
            )}
          </Stack>
          {actions}
        </Group>
        {children}
      </Stack>
    </Box>
  )
}
