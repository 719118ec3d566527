#!/usr/bin/env bash
# Trains a model on HotpotQA with verl's v1 trainer: needs GPUs and vLLM. Further overrides are taken as arguments.
set -euo pipefail
cd "$(dirname "$0")/../.."

python -m baselines.integrations.verl --options '{"split": "train"}' --episodes 2000 --output train.parquet
python -m baselines.integrations.verl --options '{"split": "test"}' --episodes 200 --output test.parquet
python -m verl.trainer.main_ppo \
    data.train_files=train.parquet \
    data.val_files=test.parquet \
    data.train_batch_size=8 \
    data.max_prompt_length=10240 \
    data.max_response_length=2048 \
    algorithm.adv_estimator=grpo \
    actor_rollout_ref.model.path="${MODEL:-Qwen/Qwen2.5-7B-Instruct}" \
    actor_rollout_ref.actor.use_kl_loss=true \
    actor_rollout_ref.actor.kl_loss_coef=0.1 \
    actor_rollout_ref.rollout.name=vllm \
    actor_rollout_ref.rollout.n=8 \
    actor_rollout_ref.rollout.max_model_len=12288 \
    actor_rollout_ref.rollout.calculate_log_probs=true \
    actor_rollout_ref.rollout.agent.agent_loop_config_path=examples/verl/agent_loop.yaml \
    actor_rollout_ref.rollout.agent.default_agent_loop=agemem \
    trainer.total_training_steps=100 \
    "$@"
