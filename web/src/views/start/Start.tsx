/** The first page: creates an interview where the operator allows it, else says how one is made. */
import { Button, Code, Skeleton, Stack, Text } from "@mantine/core";
import { IconMessages, IconPlugConnectedX } from "@tabler/icons-react";
import { useCallback, useEffect, useState } from "react";
import { type Asked, type Config, type Created, readConfig } from "../../http";
import { common } from "../../strings/common";
import { pages } from "../../strings/pages";
import { Calm } from "../Calm";
import { ToDoctor } from "../doctor/ToDoctor";
import { CreateForm } from "./CreateForm";
import { Links } from "./Links";

export function Start() {
  const [config, setConfig] = useState<Asked<Config> | null>(null);
  const [created, setCreated] = useState<Created | null>(null);
  const load = useCallback(() => void readConfig().then(setConfig), []);
  useEffect(load, [load]);

  if (config === null) return <Loading />;
  if (!config.ok) {
    return (
      <Calm
        icon={<IconPlugConnectedX />}
        title={common.unreachable}
        actions={<Button onClick={load}>{common.retry}</Button>}
      >
        {config.message}
      </Calm>
    );
  }
  if (created !== null) return <Links created={created} onAnother={() => setCreated(null)} />;
  return config.value.canCreate ? <CreateForm onCreated={setCreated} /> : <NotHere />;
}

function Loading() {
  return (
    <Calm title={pages.loading}>
      <Stack>
        <Skeleton height={20} width="70%" />
        <Skeleton height={44} />
        <Skeleton height={44} />
      </Stack>
    </Calm>
  );
}

export function NotHere() {
  const words = pages.closedStart;
  return (
    <Calm icon={<IconMessages />} title={words.title} footer={<ToDoctor />}>
      <Text>{words.text}</Text>
      {words.ways.map(({ started, command }) => (
        <Stack key={command} gap={4}>
          <Text c="dimmed">{started}</Text>
          <Code block style={{ whiteSpace: "pre-wrap" }}>
            {command}
          </Code>
        </Stack>
      ))}
    </Calm>
  );
}
