import { Tabs, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { MailFrame } from './MailFrame'

interface Props {
  html: string
  text: string
  words: { text: string; more?: string }
  /** What the mail is called, for who cannot see the frame. */
  title: string
  height: number
  /** Shown behind a third tab. */
  more?: ReactNode
}

/** An e-mail as its reader sees it, and as plain text. */
export function MailTabs({ html, text, words, title, height, more }: Props) {
  const first = html ? 'html' : 'text'
  return (
    <Tabs key={first} defaultValue={first} keepMounted={false}>
      <Tabs.List mb="sm">
        {html && <Tabs.Tab value="html">HTML</Tabs.Tab>}
        <Tabs.Tab value="text">{words.text}</Tabs.Tab>
        {words.more && <Tabs.Tab value="more">{words.more}</Tabs.Tab>}
      </Tabs.List>
      <Tabs.Panel value="html">
        <MailFrame html={html} title={title} height={height} />
      </Tabs.Panel>
      <Tabs.Panel value="text">
        <Text size="sm" className="wrap" style={{ whiteSpace: 'pre-wrap' }}>
          {text}
        </Text>
      </Tabs.Panel>
      <Tabs.Panel value="more">{more}</Tabs.Panel>
    </Tabs>
  )
}
